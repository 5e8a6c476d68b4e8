"""Who asks too much is refused, by what cannot be forged; others do not notice."""

import re

import httpx
import pytest

from gateway.limits import callers
from tests.support.tokens import TestTokens
from tests.support.upstreams import Service

from .conftest import RULES, Limited

VIA = "X-Forwarded-For"


def asked(
    gateway: str, times: int, method: str = "POST", path: str = "/v1/tasks", **headers: str
) -> list[httpx.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(base_url=gateway, headers=named) as client:
        return [client.request(method, path) for _ in range(times)]


def statuses(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_what_is_left_is_said_and_what_is_over_is_refused(limited: Limited, service: Service) -> None:
    with limited(address_writing="3") as gateway:
        answers = asked(gateway, 5, Accept_Language="en")
    assert statuses(answers) == [200, 200, 200, 429, 429]
    assert service.asked == 3
    assert [answer.headers["RateLimit"].partition(";t=")[0] for answer in answers] == [
        *(f'"writing";r={left}' for left in (2, 1, 0, 0, 0)),
    ]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"writing";q=3;w=3600'}
    refused = answers[-1]
    problem = refused.json()
    assert (problem["code"], problem["violated-policies"]) == ("quota-exceeded", ["writing"])
    assert refused.headers["Retry-After"] == re.sub(".*t=", "", refused.headers["RateLimit"])
    assert 0 < int(refused.headers["Retry-After"]) <= 1200
    assert refused.headers["content-type"] == "application/problem+json"


def test_the_refusal_is_said_in_both_languages(limited: Limited) -> None:
    with limited(address_writing="1") as gateway:
        asked(gateway, 1)
        said = {language: asked(gateway, 1, Accept_Language=language)[0].json()["detail"] for language in ("vi", "en")}
    assert said["vi"].startswith("Bạn đã gửi quá nhiều")
    assert said["en"].startswith("You have sent too many")


def test_classes_are_counted_apart(limited: Limited) -> None:
    with limited(address_writing="1", address_intake="2", address_reading="3") as gateway:
        assert statuses(asked(gateway, 2)) == [200, 429]
        assert statuses(asked(gateway, 3, path="/v1/feedback")) == [200, 200, 429]
        assert statuses(asked(gateway, 4, "GET")) == [200, 200, 200, 429]


def test_a_subject_is_one_caller_with_all_of_its_tokens(limited: Limited, tokens: TestTokens) -> None:
    with limited(person_writing="2") as gateway:
        found = [
            statuses(asked(gateway, 1, **{VIA: f"203.0.113.{number}"}, **tokens("one", seconds=3600 + number)))[0]
            for number in range(4)
        ]
        assert found == [200, 200, 429, 429]
        assert statuses(asked(gateway, 2, **tokens("two"))) == [200, 200], "another one, from the same address"


def test_made_up_tokens_count_for_their_address(limited: Limited, tokens: TestTokens, service: Service) -> None:
    forged = [f"Bearer {'x' * number}" for number in range(1, 6)]
    expired = tokens("one", seconds=-1000)["Authorization"]
    with limited(address_writing="3", person_writing="100") as gateway:
        answers = [asked(gateway, 1, Authorization=each)[0].status_code for each in (*forged, expired)]
        assert answers == [200, 200, 200, 429, 429, 429]
        assert statuses(asked(gateway, 2, **tokens("one"))) == [200, 200], "a good token owes nothing for them"
    assert service.asked == 5


def test_who_sends_wrong_tokens_is_no_longer_looked_at(
    limited: Limited, tokens: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "PROVEN_SECONDS", 3600)
    # Each is made once: made in another second, it is another token.
    good, before = tokens("one"), tokens("before")
    with limited(address_writing="4", person_writing="100", wrong_tokens="2") as gateway:
        asked(gateway, 1, **before)
        asked(gateway, 2, Authorization="Bearer nonsense")
        assert statuses(asked(gateway, 3, **good)) == [200, 200, 429], "it counts as the address"
        assert statuses(asked(gateway, 3, **before)) == [200] * 3, "it was proven before"
        elsewhere = {VIA: "198.51.100.7"}
        assert statuses(asked(gateway, 3, **elsewhere, **good)) == [200] * 3


def test_a_system_has_limits_of_its_own(limited: Limited, tokens: TestTokens) -> None:
    with limited(person_writing="1", system_writing="3") as gateway:
        assert statuses(asked(gateway, 4, **tokens("portal", ["system"]))) == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.1", "203.0.113.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.1", "203.0.113.1", True),
        ("nonsense", "others", True),
    ],
)
def test_an_address_is_one_or_a_network_of_sixty_four_bits(limited: Limited, one: str, other: str, same: bool) -> None:
    with limited(address_writing="1") as gateway:
        assert statuses(asked(gateway, 2, **{VIA: one})) == [200, 429]
        assert statuses(asked(gateway, 1, **{VIA: other})) == [429 if same else 200]


def test_health_is_never_refused_and_has_no_standing(limited: Limited) -> None:
    with limited(reading="1") as gateway:
        asked(gateway, 2, "GET")
        answers = asked(gateway, 3, "GET", path="/livez")
    assert statuses(answers) == [200] * 3
    assert "RateLimit" not in answers[0].headers


def test_the_gateways_own_routes_are_counted_too(limited: Limited) -> None:
    with limited(address_reading="2") as gateway:
        assert statuses(asked(gateway, 3, "GET", path="/asyncapi.json")) == [200, 200, 429]


def test_a_page_may_read_its_standing(limited: Limited) -> None:
    page = {"Origin": "https://app.example"}
    with limited(address_writing="1", settings={"cors_origins": "https://app.example"}) as gateway:
        answers = asked(gateway, 2, **page)
    assert statuses(answers) == [200, 429]
    for answer in answers:
        assert "RateLimit" in answer.headers["access-control-expose-headers"]
        assert answer.headers["access-control-allow-origin"] == page["Origin"]


def test_several_gateways_share_a_quota(limited: Limited) -> None:
    with limited(address_writing="6", settings={"gateways": 3}) as gateway:
        answers = asked(gateway, 3)
    assert statuses(answers) == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"writing";q=2;w=3600'


RETIRED = RULES.replace(
    "retired_clients: []",
    "retired_clients: [{client: city-app, below: 2.3.1, link: 'https://city.example/app', since: 2026-11-01, "
    "why: {vi: Bản cũ làm mất ảnh., en: The old one lost pictures.}}]",
)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("city-app/2.3.0", 403),
        ("city-app/2.3", 403),
        ("city-app/1.9.9", 403),
        ("city-app/2.3.1", 200),
        ("city-app/2.10", 200),
        ("other-app/1.0", 200),
        ("city-app", 200),
        ("city-app/old", 200),
        ("é", 200),
    ],
)
def test_an_app_that_is_too_old_is_told_where_the_newer_is(limited: Limited, said: str, status: int) -> None:
    with limited(RETIRED) as gateway:
        answer = httpx.post(f"{gateway}/v1/tasks", headers={b"X-Client": said.encode(), b"Accept-Language": b"en"})
    assert answer.status_code == status
    if status == 403:
        problem = answer.json()
        assert (problem["code"], problem["below"], problem["link"]) == (
            "client-retired",
            "2.3.1",
            "https://city.example/app",
        )
        assert problem["detail"].endswith("The old one lost pictures.")
        assert answer.headers["Link"] == '<https://city.example/app>; rel="latest-version"'
