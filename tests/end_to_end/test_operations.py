"""What an operator sees: every part at one address, and at the public address only whether it is ready."""

import asyncio
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.installed import Installed
from tests.support.system import System
from tests.support.waiting import until_now

pytestmark = pytest.mark.parametrize("system", ["postgres"], indirect=True)
VICTIM = "scoring-worker"


def readiness(system: System) -> tuple[int, dict[str, Any]]:
    answer = httpx.get(f"{system.operations}/readyz", timeout=30)
    return answer.status_code, answer.json()


def ready(system: System) -> dict[str, bool]:
    """`cchc_part_ready` by part."""
    page = httpx.get(f"{system.operations}/metrics", timeout=30).raise_for_status().text
    families = {family.name: family for family in text_string_to_metric_families(page)}
    return {sample.labels["part"]: sample.value == 1 for sample in families["cchc_part_ready"].samples}


@contextmanager
def frozen(system: System, part: str) -> Iterator[None]:
    pid = system.pid(part)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_every_part_is_seen_at_one_address(system: System) -> None:
    system.wait_at_rest()
    status, found = readiness(system)
    assert (status, found["ready"]) == (200, True)
    assert found["parts"] == {part: {"ready": True, "why": None} for part in system.parts}
    assert ready(system) == dict.fromkeys(system.parts, True)
    page = httpx.get(f"{system.operations}/metrics", timeout=30).text
    for part in system.parts:
        assert part == "postgres" or f'cchc_build_info{{part="{part}"' in page
    assert page.count("# TYPE cchc_build_info gauge") == 1
    assert "_created" not in page


def test_the_public_address_tells_no_details(system: System) -> None:
    system.wait_at_rest()
    public = httpx.get(f"{system.url}/readyz")
    assert (public.status_code, public.json()) == (200, {"ready": True})
    for address in (system.url, system.address("feedback-api")):
        assert httpx.get(f"{address}/metrics").status_code == 404


def test_a_frozen_part_shows_everywhere_until_it_goes_on(system: System) -> None:
    system.wait_at_rest()
    said = len(system.screen())
    with frozen(system, VICTIM):
        status, found = until_now(lambda: readiness(system), lambda found: found[0] == 503)
        assert (status, found["ready"]) == (503, False)
        assert not found["parts"][VICTIM]["ready"]
        assert "no answer" in found["parts"][VICTIM]["why"]
        assert ready(system)[VICTIM] is False
        until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: không sẵn sàng · not ready" in text)
    system.wait_at_rest()
    told = until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: sẵn sàng trở lại · ready again" in text)
    assert told.count(f"{VICTIM}: không sẵn sàng") == 1, "once for each change"


def test_a_killed_part_shows_everywhere_and_comes_back(system: System) -> None:
    system.wait_at_rest()
    said = len(system.screen())
    before = system.pid(VICTIM)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: signal 9" in text)
    until_now(lambda: system.pid(VICTIM), lambda pid: pid not in {None, before})
    # The operator's view may be a moment old: of the process that was there before, or of the new one while it starts.
    until_now(lambda: ready(system), lambda found: found[VICTIM])
    system.wait_at_rest()


def execute(system: System, *statements: str) -> None:
    """As administrator of the database."""

    async def run() -> None:
        connection = await asyncpg.connect(system.admin_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def refuses(system: System, why: str, said: int) -> None:
    """The worker is seen to refuse its work: at the operator's address, in the metrics and on the screen."""
    part = until_now(lambda: readiness(system)[1]["parts"][VICTIM], lambda part: why in (part["why"] or ""))
    assert not part["ready"]
    assert ready(system)[VICTIM] is False
    until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: không sẵn sàng · not ready" in text)


def test_a_refused_grant_shows_everywhere_parks_nothing_and_is_forgotten_once_mended(system: System) -> None:
    system.wait_at_rest()
    said = len(system.screen())
    execute(system, "REVOKE INSERT ON scoring.duty FROM scoring_worker")
    try:
        with system.client("citizen", "citizen") as citizen:
            reporting(citizen)()
        refuses(system, "permission denied for table duty", said)
    finally:
        execute(system, "GRANT INSERT ON scoring.duty TO scoring_worker")
    system.wait_at_rest()
    with system.client("an operator", "operator") as operator:
        assert operator.get("/v1/parked-events/scoring").json()["items"] == []


def test_positions_of_another_server_show_everywhere(system: System) -> None:
    """As after a dump was restored by hand: the stored positions are ahead of this server's transactions."""
    system.wait_at_rest()
    said = len(system.screen())
    kept = "CREATE TABLE scoring.kept AS SELECT topic, partition, major FROM scoring.stream_position"
    execute(system, kept, "UPDATE scoring.stream_position SET major = major + 4000000000 WHERE partition = 0")
    try:
        # Whoever reads is not disturbed before it begins again.
        pid = system.pid(VICTIM)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        refuses(system, "ForeignPositions", said)
    finally:
        back = "UPDATE scoring.stream_position p SET major = k.major FROM scoring.kept k"
        execute(system, f"{back} WHERE (p.topic, p.partition) = (k.topic, k.partition)", "DROP TABLE scoring.kept")
    system.wait_at_rest()


@pytest.fixture
def many(tmp_path_factory: pytest.TempPathFactory, installed: Installed, system: System) -> Iterator[System]:
    """A run of several instances. `system` is named only so that all tests here have one group."""
    assert system.parts
    with installed(tmp_path_factory.mktemp("many") / "data", WORKERS="2", APIS="2") as running:
        yield running


def test_several_instances_share_the_work_and_stand_in_for_each_other(many: System) -> None:
    extra = {"scoring-worker-2", "tasks-api-2", "feedback-api-2", "scoring-api-2"}
    parts = {*many.parts, *extra}
    assert {file.stem for file in (many.folder / "run").glob("*.pid")} == {*parts, "operations"}
    many.wait_at_rest()
    assert readiness(many)[1]["parts"].keys() == parts

    with many.client("citizen", "citizen") as citizen:
        send = reporting(citizen)
        for _ in range(8):
            send()
        page = httpx.get(f"{many.operations}/metrics", timeout=30).text
        for part in ("feedback-api", "feedback-api-2"):
            assert received(page, part) >= 3

        victim = many.pid("feedback-api-2")
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        for _ in range(8):
            send()


def reporting(citizen: httpx.Client) -> Callable[[], None]:
    def send() -> None:
        body = {"channel": "web", "kind": "on_site", "content": "Đèn hỏng", "unit": "so-noi-vu"}
        # With a key it may be sent again: whether an instance that was killed carried it out is not known.
        answer = citizen.post("/v1/feedback", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status_code == 201, answer.text

    return send


def received(page: str, part: str) -> float:
    families = {family.name: family for family in text_string_to_metric_families(page)}
    return sum(
        sample.value
        for sample in families["cchc_http_requests"].samples
        if sample.labels["part"] == part and sample.labels["route"] == "/v1/feedback"
    )
