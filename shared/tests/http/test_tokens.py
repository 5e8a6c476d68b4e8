"""Tokens of several issuers: each is checked by its own issuer's keys, and what is refused says why."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text
from cchc_shared.http import tokens as module
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import Principal, Tokens
from cchc_shared.identity import refusals
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.keys import MAX_AGE, PublishedKeys
from tests.support.issuers import STAFF, KeyServer, claims, issuer
from tests.support.vietnamese import foreign_words

CITIZENS = "https://login.example.vn"


def several() -> tuple[Issuer, Issuer]:
    staff = issuer(may_give=["officer", "unit_head"])
    citizens = issuer(
        namespace="citizen", issuer=CITIZENS, roles_at=(), unit_at=(), may_give=["citizen"], everyone_is_citizen=True
    )
    return staff, citizens


class Checked:
    """A service that trusts two issuers, whose keys the test holds."""

    def __init__(self) -> None:
        self.staff, self.citizens = KeyServer(), KeyServer("ES256")
        both = several()
        self.tokens = Tokens(both)
        for each, server in zip(both, (self.staff, self.citizens), strict=True):
            self.tokens._issuers[each.issuer] = each, PublishedKeys(each, server.fetch)

    async def refusal(self, token: str) -> Problem:
        with pytest.raises(Problem) as refused:
            await self.tokens.principal(token)
        return refused.value


@pytest.fixture
def checked() -> Checked:
    return Checked()


def resigned(server: KeyServer, header: dict[str, object], said: str | dict[str, object]) -> str:
    """A token whose signature is right, whatever it holds."""
    key, algorithm = server.keys[server.newest], server.algorithm
    parts = [{"alg": algorithm, "kid": server.newest, "typ": "JWT"} | header, said]
    texts = [each if isinstance(each, str) else json.dumps(each) for each in parts]
    signed = ".".join(urlsafe_b64encode(text.encode()).rstrip(b"=").decode() for text in texts)
    made = jwt.get_algorithm_by_name(algorithm).sign(signed.encode(), key)
    return f"{signed}.{urlsafe_b64encode(made).rstrip(b'=').decode()}"


async def test_each_issuer_says_what_it_may_say(checked: Checked) -> None:
    officer = await checked.tokens.principal(checked.staff.token(unit="so-noi-vu"))
    assert officer == Principal("staff:0b2a6c1e", frozenset({Role.OFFICER}), "so-noi-vu")
    said = claims(iss=CITIZENS, roles=["operator"], unit="so-noi-vu")
    citizen = await checked.tokens.principal(checked.citizens.token(said))
    assert citizen == Principal("citizen:0b2a6c1e", frozenset({Role.CITIZEN}), None)


async def test_the_key_of_one_issuer_signs_nothing_for_another(checked: Checked) -> None:
    checked.citizens = KeyServer()
    checked.citizens.keys = {checked.staff.newest: checked.citizens.keys[checked.citizens.newest]}
    checked.citizens.newest = checked.staff.newest
    assert (await checked.refusal(checked.citizens.token())).vi == refusals.SIGNATURE.vi


Make = Callable[[KeyServer], str]


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (lambda server: server.token(iss="https://evil.example"), refusals.UNKNOWN_ISSUER),
        (lambda server: server.token(iss=None), refusals.UNKNOWN_ISSUER),
        (lambda server: resigned(server, {}, claims(iss=[STAFF])), refusals.UNKNOWN_ISSUER),
        (lambda server: jwt.encode(claims(), "", "none", {"kid": server.newest}), refusals.ALGORITHM),
        (lambda server: jwt.encode(claims(), "x" * 32, "HS256", {"kid": server.newest}), refusals.ALGORITHM),
        (lambda server: resigned(server, {"alg": "ES384"}, claims()), refusals.ALGORITHM),
        (lambda server: resigned(server, {"alg": "RS256"}, claims()), refusals.UNKNOWN_KEY),
        (lambda server: resigned(server, {"kid": "another"}, claims()), refusals.UNKNOWN_KEY),
        (lambda server: server.token()[:-8] + "AAAAAAAA", refusals.SIGNATURE),
        (lambda server: server.token().rpartition(".")[0] + ".", refusals.SIGNATURE),
        (lambda server: server.token(exp=time.time() - 130), refusals.EXPIRED),
        (lambda server: server.token(exp=None), refusals.NO_END),
        (lambda server: resigned(server, {}, json.dumps(claims(exp=None))[:-1] + ',"exp":1e999}'), refusals.NO_END),
        (lambda server: server.token(iat=time.time() + 150), refusals.NOT_YET),
        (lambda server: server.token(nbf=time.time() + 150), refusals.NOT_YET),
        (lambda server: server.token(aud="account"), refusals.AUDIENCE),
        (lambda server: server.token(sub=""), refusals.SUBJECT),
        (lambda server: server.token(roles=["operator"]), refusals.ROLES),
        (lambda server: server.token(unit=["so-noi-vu"]), refusals.UNIT),
        (lambda server: server.token(more="x" * 9000), refusals.TOO_LONG),
        (lambda server: resigned(server, {}, '{"a":' * 20 + "1" + "}" * 20), refusals.NESTED),
        (lambda server: resigned(server, {}, json.dumps(claims())[:-1] + ',"sub":"other"}'), refusals.REPEATED),
        (lambda server: "eyJhbGciOiJub25lIn0.e30.", refusals.UNKNOWN_KEY),
    ],
)
async def test_every_refusal_says_why_in_both_languages_and_quotes_nothing(
    checked: Checked, made: Make, says: Text
) -> None:
    token = made(checked.staff)
    problem = await checked.refusal(token)
    assert (problem.status, problem.vi, problem.en) == (401, says.vi, says.en)
    assert problem.headers["WWW-Authenticate"] == "Bearer"
    assert not set(token.split(".")) & set((problem.vi + problem.en).split())
    assert foreign_words(problem.vi) == []


async def test_another_issuer_is_refused_before_any_key_is_asked_for(checked: Checked) -> None:
    await checked.refusal(checked.staff.token(iss="https://evil.example"))
    assert (checked.staff.fetched, checked.citizens.fetched) == (0, 0)


async def test_while_one_issuer_is_away_the_others_are_served(checked: Checked) -> None:
    checked.staff.away = True
    problem = await checked.refusal(checked.staff.token())
    assert (problem.status, problem.code) == (503, "token-keys-unavailable")
    assert "Retry-After" in problem.headers
    await checked.tokens.principal(checked.citizens.token(iss=CITIZENS))


async def test_keys_change_under_load_and_no_token_is_refused(checked: Checked) -> None:
    async def calls() -> int:
        good = 0
        for _ in range(20):
            good += (await checked.tokens.principal(checked.staff.token())).sub == "staff:0b2a6c1e"
            await asyncio.sleep(0)
        return good

    async def rotate() -> int:
        for _ in range(3):
            for _ in range(7):
                await asyncio.sleep(0)
            checked.staff.rotate()
        return 0

    assert sum(await asyncio.gather(rotate(), *(calls() for _ in range(50)))) == 50 * 20
    assert checked.staff.fetched <= 4
    assert checked.staff.most_at_once == 1


async def test_a_checked_token_is_remembered_but_not_past_the_key_that_was_withdrawn(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = checked.staff.token(exp=int(time.time()) + 36000)
    for _ in range(5):
        await checked.tokens.principal(token)
    keys = checked.tokens._issuers[STAFF][1]
    checked.staff.rotate(withdraw=True)
    await checked.tokens.principal(checked.staff.token())  # a token of the new key brings the new set
    await checked.tokens.principal(token)
    later = time.time() + MAX_AGE
    monkeypatch.setattr(time, "time", lambda: later)
    assert (await checked.refusal(token)).vi == refusals.UNKNOWN_KEY.vi
    assert keys._keys.keys() == {(checked.staff.newest, "EdDSA")}


async def test_what_is_remembered_is_bounded_and_the_oldest_goes_first(
    checked: Checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CACHED_TOKENS", 10)
    given = [checked.staff.token(sub=str(number)) for number in range(25)]
    for token in given:
        await checked.tokens.principal(token)
    assert list(checked.tokens._checked) == given[-10:]


async def test_what_is_refused_is_not_remembered(checked: Checked) -> None:
    for number in range(20):
        await checked.refusal(checked.staff.token(sub=str(number), aud="account"))
    assert checked.tokens._checked == {}


@given(st.integers(0, 2000), st.integers(0, 255))
async def test_a_token_that_was_changed_anywhere_is_refused(place: int, by: int) -> None:
    checked = Checked()
    token = checked.staff.token()
    at = place % (token.rindex(".") - 1)
    other = chr(33 + by % 90)
    changed = token[:at] + other + token[at + 1 :]
    if changed != token:
        assert (await checked.refusal(changed)).status in {401, 503}
