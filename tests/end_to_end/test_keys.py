"""Connected systems call services through a real gateway with keys, as far as their scope goes, and no further."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cchc_embedded.paths import REPOSITORY
from cchc_shared.service.protocol import OwnProtocol
from cchc_shared.service.settings import ServiceSettings
from dossiers_api.bootstrap import build_app as dossiers_api
from feedback_api.bootstrap import build_app as feedback_api
from feedback_api.settings import FeedbackSettings
from gateway.api_keys import exchange
from gateway.bootstrap import build_app as gateway
from gateway.settings import GatewaySettings
from notify.bootstrap import build_app as notify
from notify.settings import NotifySettings
from tests.support.databases import Database, execute
from tests.support.http import Json
from tests.support.tokens import TestTokens
from tests.support.upstreams import free_port, serving
from tests.support.waiting import until_now

NOWHERE = "http://127.0.0.1:9"
HOME_AFFAIRS, JUSTICE = "so-noi-vu", "so-tu-phap"
DESK = "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho"
ANY_KEY = "A" * 43 + "="
DELIVERY = {
    "dossier": "H26.33-261102-0001",
    "status": "received",
    "at": "2026-11-02T09:00:00+07:00",
    "procedure": "1.001234",
    "unit": HOME_AFFAIRS,
    "channel": "online",
    "received_at": "2026-11-02T09:00:00+07:00",
}
REPORT = {"channel": "hotline", "kind": "on_site", "content": "Đèn đường hỏng ba đêm liền"}


class Installed:
    """An installation for tests: a gateway, with notify, dossiers-api and feedback-api behind it."""

    def __init__(self, http: httpx.Client, notify: str, operator: dict[str, str]) -> None:
        self.http = http
        self.notify = notify
        self.operator = operator

    def connect(self, code: str, **scope: object) -> str:
        """A key of a new system."""
        known = {"code": code, "name": code, "office": "Văn phòng", "routes": ["dossiers", "systems"], **scope}
        self._done(self.http.post("/v1/systems", json=known, headers=self.operator), 201)
        return self.key(code)

    def key(self, code: str, kind: str = "live") -> str:
        made = self.http.post(f"/v1/systems/{code}/keys", json={"kind": kind, "days": 30}, headers=self.operator)
        return str(self._done(made, 201)["key"])

    def call(self, key: str, method: str, path: str, json: object = None) -> httpx.Response:
        return self.http.request(method, path, json=json, headers={"X-API-Key": key, "Accept-Language": "en"})

    def send(self, key: str, **delivery: object) -> Json:
        """What becomes of one delivery."""
        answer = self.call(key, "POST", "/v1/dossiers/events", {"items": [DELIVERY | delivery]})
        result: Json = self._done(answer, 200)["results"][0]
        return result

    def _done(self, answer: httpx.Response, status: int) -> Json:
        assert answer.status_code == status, answer.text
        said: Json = answer.json()
        return said


@pytest.fixture
def installed(database: Database, tokens: TestTokens, tmp_path: Path) -> Iterator[Installed]:
    shipped = Path("data/hanoi/caller_rules.yaml").read_text("utf-8")
    rules = tmp_path / "caller_rules.yaml"
    rules.write_text(re.sub(r"seconds: \d+", "seconds: 3600", shipped), "utf-8")  # nothing comes back meanwhile
    for schema in ("dossiers", "feedback", "notify"):
        for code in (HOME_AFFAIRS, JUSTICE, DESK):
            execute(database.url(schema), f"INSERT INTO units (subject, version, code) VALUES ('{code}', 1, '{code}')")
    port = free_port()
    common = {
        "environment": "embedded",
        "jwks_url": tokens.jwks_url,
        "system_jwks_url": f"http://127.0.0.1:{port}/internal/keys/jwks.json",
        "CCHC_PROFILE": REPOSITORY / "data/hanoi",
    }

    def own(schema: str) -> dict[str, object]:
        return {**common, "database_url": database.url(schema)}

    with ExitStack() as stack:
        feedback = FeedbackSettings.model_validate(own("feedback") | {"CCHC_CONTACT_KEY": ANY_KEY})
        keys = NotifySettings.model_validate(
            own("notify") | {"CCHC_SYSTEMS_KEY": ANY_KEY, "CCHC_WEBHOOKS_KEY": ANY_KEY}
        )
        urls = {
            "tasks_api_url": NOWHERE,
            "scoring_api_url": NOWHERE,
            "notify_url": stack.enter_context(serving(notify(keys), port, OwnProtocol)),
            "dossiers_api_url": stack.enter_context(
                serving(dossiers_api(ServiceSettings.model_validate(own("dossiers"))), http=OwnProtocol)
            ),
            "feedback_api_url": stack.enter_context(serving(feedback_api(feedback), http=OwnProtocol)),
            "caller_rules": rules,
        }
        front = gateway(GatewaySettings.model_validate(common | urls))
        url = stack.enter_context(serving(front, http=OwnProtocol))
        http = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        found = Installed(http, str(urls["notify_url"]), tokens(sub="operator-1", roles=["operator"]))
        until_now(lambda: http.get("/v1/dossiers").status_code, lambda status: status == 401)
        until_now(lambda: http.get("/v1/feedback").status_code, lambda status: status == 401)
        until_now(lambda: http.get("/v1/systems").status_code, lambda status: status == 401)
        yield found


def test_a_key_opens_what_its_scope_names_and_nothing_else(installed: Installed) -> None:
    key = installed.connect("one-stop-1", units=[HOME_AFFAIRS])
    assert installed.send(key)["status"] == "accepted"
    code = DELIVERY["dossier"]
    assert installed.call(key, "GET", f"/v1/dossiers/{code}").json()["unit"] == HOME_AFFAIRS
    assert installed.call(key, "GET", "/v1/systems/one-stop-1").json()["code"] == "one-stop-1"
    # Another area, though anyone without a key may call it.
    for method, path, body in (("GET", "/v1/vocabulary", None), ("POST", "/v1/feedback", REPORT)):
        answer = installed.call(key, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "out-of-scope"), path
    # The role bounds it too, whatever the scope says.
    assert installed.call(key, "GET", "/v1/systems").json()["code"] == "forbidden"
    narrow = installed.connect("one-stop-2", units=[HOME_AFFAIRS], routes=["dossiers.send"])
    assert installed.send(narrow)["status"] == "duplicate"
    refused = installed.call(narrow, "GET", f"/v1/dossiers/{code}")
    assert (refused.status_code, refused.json()["operation"]) == (403, "dossiers.get")


def test_a_system_speaks_of_its_units_alone_and_takes_no_dossier_of_others(installed: Installed) -> None:
    ours, others = (
        installed.connect(f"one-stop-{at}", units=[unit]) for at, unit in enumerate((HOME_AFFAIRS, JUSTICE))
    )
    city = installed.connect("lgsp", whole_city=True)
    beyond = installed.send(ours, unit=JUSTICE)
    assert (beyond["status"], beyond["problem"]["code"]) == ("rejected", "out-of-scope")
    assert installed.send(ours)["status"] == "accepted"
    # Said to be theirs now: it is not, and stays as it was.
    taken = installed.send(others, unit=JUSTICE, at="2026-11-03T09:00:00+07:00")
    assert (taken["status"], taken["problem"]["code"]) == ("rejected", "out-of-scope")
    path = f"/v1/dossiers/{DELIVERY['dossier']}"
    assert installed.call(others, "GET", path).status_code == 404
    assert installed.call(ours, "GET", path).json()["version"] == 1
    # Who speaks for the whole city hands it over; then it is theirs, and ours no more.
    assert (
        installed.send(city, unit=JUSTICE, at="2026-11-04T09:00:00+07:00", status="in_progress")["status"] == "accepted"
    )
    assert installed.call(ours, "GET", path).status_code == 404
    assert installed.send(ours, at="2026-11-05T09:00:00+07:00", status="handled")["problem"]["code"] == "out-of-scope"
    later = {"unit": JUSTICE, "at": "2026-11-05T09:00:00+07:00", "status": "handled"}
    assert installed.send(others, **later)["status"] == "accepted"
    assert installed.call(others, "GET", path).json()["status"] == "handled"


def test_reports_come_on_the_channels_of_a_system_alone(installed: Installed) -> None:
    key = installed.connect("hotline-1022", whole_city=True, channels=["hotline"], routes=["feedback"])
    assert installed.call(key, "POST", "/v1/feedback", REPORT).status_code == 201
    for channel in ("zalo", "ihanoi"):
        answer = installed.call(key, "POST", "/v1/feedback", REPORT | {"channel": channel})
        assert (answer.status_code, answer.json()["channel"]) == (403, channel)
    many = installed.call(key, "POST", "/v1/feedback/batch", {"items": [REPORT, REPORT | {"channel": "email"}]})
    assert [each["status"] for each in many.json()["results"]] == ["accepted", "rejected"]
    call = {"call_id": "1", "started_at": "2026-03-02T08:30:00+07:00", "transcript": "Đèn hỏng"}
    assert installed.call(key, "POST", "/v1/feedback/channels/hotline", call).status_code == 201
    portal = {"code": "1", "classification": "PETITION_CLASSIFICATION_TTHC", "content": "Hồ sơ chậm"}
    assert installed.call(key, "POST", "/v1/feedback/channels/national_portal", portal).json()["code"] == "out-of-scope"


def test_keys_are_exchanged_under_load_and_no_request_is_refused(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Standings last a moment here, so that the change is seen within seconds."""
    monkeypatch.setattr(exchange, "KEPT_SECONDS", 0.2)
    monkeypatch.setattr(exchange, "RENEWED_SECONDS", 0.1)
    current = [installed.connect("one-stop-1", units=[HOME_AFFAIRS])]
    stop = threading.Event()
    path = "/v1/systems/one-stop-1"

    def caller() -> list[int]:
        statuses = []
        with httpx.Client(base_url=str(installed.http.base_url), timeout=30) as http:
            while not stop.is_set():
                statuses.append(http.get(path, headers={"X-API-Key": current[-1]}).status_code)
        return statuses

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(caller) for _ in range(4)]
        for _ in range(4):
            [newest, *_] = installed.http.get(f"{path}/keys", headers=installed.operator).json()["items"]
            url = f"{path}/keys/{newest['id']}/actions/rotate"
            made = installed.http.post(url, json={"days": 30, "overlap_hours": 1}, headers=installed.operator)
            assert made.status_code == 201
            assert installed.call(made.json()["key"], "GET", path).status_code == 200
            current.append(made.json()["key"])
            stop.wait(0.5)
        stop.set()
        statuses = [status for each in callers for status in each.result()]
    assert len(statuses) > 50
    assert set(statuses) == {200}
    ids = [each["id"] for each in installed.http.get(f"{path}/keys", headers=installed.operator).json()["items"]]
    installed.http.post(f"{path}/keys/{ids[0]}/actions/revoke", headers=installed.operator)
    until_now(lambda: installed.call(current[-1], "GET", path).status_code, lambda status: status == 401)
    assert installed.call(current[0], "GET", path).status_code == 200


def test_a_suspended_system_is_refused_and_limits_count_a_system_by_whatever_key(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "KEPT_SECONDS", 0.2)
    first = installed.connect("one-stop-1", units=[HOME_AFFAIRS])
    second, path = installed.key("one-stop-1"), "/v1/systems/one-stop-1"
    left = [
        int(installed.call(key, "GET", path).headers["RateLimit"].partition("r=")[2].partition(";")[0])
        for key in (first, second, first, second)
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] > left[-1]
    suspended = installed.http.post(f"{path}/actions/suspend", headers={**installed.operator, "If-Match": "*"})
    assert suspended.status_code == 200
    answer = until_now(lambda: installed.call(first, "GET", path), lambda each: each.status_code == 401)
    assert answer is None or answer.json()["detail"] == "The system of this key is suspended."


def test_a_test_key_is_a_stranger_to_every_service_of_this_installation(installed: Installed) -> None:
    installed.connect("one-stop-1", units=[HOME_AFFAIRS])
    key = installed.key("one-stop-1", "test")
    assert installed.call(key, "GET", "/v1/systems/one-stop-1").json()["code"] == "test-keys-not-here"
    exchanged = httpx.post(f"{installed.notify}{exchange.PATH}", json={"key": key}).json()
    answer = installed.http.post(
        "/v1/dossiers/events",
        json={"items": [DELIVERY]},
        headers={"Authorization": f"Bearer {exchanged['token']}", "Accept-Language": "en"},
    )
    assert (answer.status_code, answer.json()["detail"]) == (401, "The token was issued for another system.")


def test_the_exchange_is_not_reached_from_outside(installed: Installed) -> None:
    key = installed.connect("one-stop-1", units=[HOME_AFFAIRS])
    answer = installed.http.post(exchange.PATH, json={"key": key})
    assert answer.status_code in {404, 503}, "503: a service whose contract is not known might have it"
    assert "token" not in answer.text
    contract = json.loads((REPOSITORY / "docs/contracts/openapi/gateway.json").read_text("utf-8"))
    assert not [path for path in contract["paths"] if path.startswith("/internal")]
