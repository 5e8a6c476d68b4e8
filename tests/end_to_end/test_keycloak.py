"""People and software log in at a real Keycloak, and call a service through the gateway with what they are given."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import jwt
import pytest

from cchc_embedded.paths import REPOSITORY
from cchc_shared.service.protocol import OwnProtocol
from feedback_api.bootstrap import build_app as feedback_api
from feedback_api.settings import FeedbackSettings
from gateway.bootstrap import build_app as gateway
from gateway.settings import GatewaySettings
from tests.support.databases import Database, execute
from tests.support.keycloak import REPLY_SECONDS, Keycloak
from tests.support.upstreams import serving
from tests.support.waiting import until_now

NOWHERE = "http://127.0.0.1:9"
EXAMPLE = "http://127.0.0.1:8180/realms/cchc-example"
DESK = "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho"
"""The unit that takes in what goes to no other."""
CALLERS = 4


class Progress(NamedTuple):
    """Calls so far, and how many keys each caller has seen at least."""

    calls: int
    keys: int


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """One for this module: `tests.support.groups` keeps its tests in one worker."""
    with Keycloak(tmp_path_factory.mktemp("keycloak") / "server") as running:
        yield running


@pytest.fixture
def http(keycloak: Keycloak, database: Database, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a gateway, which has feedback-api behind it; both trust what the example document names."""
    document = (REPOSITORY / "deploy/keycloak/issuers.yaml").read_text("utf-8")
    assert EXAMPLE in document
    issuers = tmp_path / "issuers.yaml"
    issuers.write_text(document.replace(EXAMPLE, keycloak.issuer))
    common = {"environment": "embedded", "token_issuers": issuers}
    execute(database.url("feedback"), f"INSERT INTO units (subject, version, code) VALUES ('desk', 1, '{DESK}')")
    own = {"database_url": database.url("feedback"), "CCHC_PROFILE": REPOSITORY / "data/hanoi"}
    service = FeedbackSettings.model_validate(common | own | {"CCHC_CONTACT_KEY": "A" * 43 + "="})
    with serving(feedback_api(service), http=OwnProtocol) as upstream:
        others = dict.fromkeys(("tasks_api_url", "dossiers_api_url", "notify_url", "scoring_api_url"), NOWHERE)
        others["feedback_api_url"] = upstream
        front = gateway(GatewaySettings.model_validate(common | others))
        with serving(front, http=OwnProtocol) as url, httpx.Client(base_url=url, timeout=REPLY_SECONDS) as client:
            until_now(lambda: client.get("/v1/feedback").status_code, lambda status: status == 401)
            yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_person_logs_in_with_a_code_and_is_who_the_realm_says(keycloak: Keycloak, http: httpx.Client) -> None:
    token = keycloak.of_person("lan")
    said = jwt.decode(token, options={"verify_signature": False})
    assert (said["iss"], set(said["roles"]), said["unit"]) == (keycloak.issuer, {"officer", "unit_head"}, "so-noi-vu")
    assert "cchc" in said["aud"]
    assert "name" not in said
    assert "email" not in said
    answer = http.get("/v1/feedback", headers=bearer(token))
    assert (answer.status_code, answer.json()["items"]) == (200, [])
    refused = http.get("/v1/parked-events/feedback", headers=bearer(token))
    assert (refused.status_code, refused.json()["roles"]) == (403, ["operator"])


def test_software_calls_with_its_client_credentials(keycloak: Keycloak, http: httpx.Client) -> None:
    token = keycloak.of_system()
    said = jwt.decode(token, options={"verify_signature": False})
    assert (said["roles"], "unit" in said) == (["system"], False)
    report = {"channel": "ihanoi", "kind": "procedure", "content": "Hồ sơ nộp đã hai tuần chưa có kết quả"}
    sent = http.post("/v1/feedback", json=report, headers=bearer(token))
    assert sent.status_code == 201, sent.text
    again = http.get(f"/v1/feedback/{sent.json()['code']}", headers=bearer(keycloak.of_system()))
    assert again.json()["content"] == report["content"], "it may read what it sent, with its next token too"
    assert http.post("/v1/feedback", json=report, headers=bearer(token + "x")).status_code == 401


def test_a_code_is_good_once_and_only_with_its_verifier(keycloak: Keycloak) -> None:
    verifier = "v" * 64
    code = keycloak.code("minh", verifier)
    assert keycloak.exchange(code, "w" * 64).json()["error"] == "invalid_grant"
    code = keycloak.code("minh", verifier)
    assert keycloak.exchange(code, verifier).status_code == 200
    assert keycloak.exchange(code, verifier).json()["error"] == "invalid_grant"


def test_the_portal_cannot_log_anybody_in_without_pkce(keycloak: Keycloak) -> None:
    sent_back = keycloak.begin_login()
    assert sent_back.status_code == 302
    assert "error=invalid_request" in sent_back.headers["location"]


def test_what_the_realm_signs_for_others_is_not_taken(keycloak: Keycloak, http: httpx.Client) -> None:
    verifier = "v" * 64
    given = keycloak.exchange(keycloak.code("lan", verifier), verifier).json()
    for kind in ("id_token", "refresh_token"):
        assert http.get("/v1/feedback", headers=bearer(given[kind])).status_code == 401, kind


def test_the_realms_key_changes_under_load_and_nobody_is_refused(keycloak: Keycloak, http: httpx.Client) -> None:
    old = keycloak.of_system()
    refused: list[str] = []
    seen: list[list[str]] = [[] for _ in range(CALLERS)]
    done = threading.Event()

    def call(number: int) -> None:
        while not done.is_set():
            token = keycloak.of_system()
            answer = http.get("/v1/vocabulary", headers=bearer(token))
            if answer.status_code != 200:
                refused.append(f"{answer.status_code} {answer.text}")
            seen[number].append(jwt.get_unverified_header(token)["kid"])

    def progress() -> Progress:
        return Progress(sum(map(len, seen)), min(len(set(each)) for each in seen))

    threads = [threading.Thread(target=call, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    try:
        until_now(progress, lambda found: found.keys >= 1)
        keycloak.rotate(200)
        until_now(progress, lambda found: found.keys >= 2)
        keycloak.rotate(300)
        until_now(progress, lambda found: found.keys >= 3)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert refused == []
    assert http.get("/v1/vocabulary", headers=bearer(old)).status_code == 200, "its key is still published"
