"""What an operator sees: every part at one address, and at the public address only whether it is ready."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.installed import Installed
from tests.support.operations import readiness, reporting
from tests.support.system import System

pytestmark = pytest.mark.parametrize("system", ["postgres"], indirect=True)


def ready(system: System) -> dict[str, bool]:
    """`cchc_part_ready` by part."""
    page = httpx.get(f"{system.operations}/metrics", timeout=30).raise_for_status().text
    families = {family.name: family for family in text_string_to_metric_families(page)}
    return {sample.labels["part"]: sample.value == 1 for sample in families["cchc_part_ready"].samples}


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


def test_every_process_bears_the_name_of_its_part(system: System) -> None:
    """As `ps` and `top` show it; PostgreSQL's own is left alone."""
    system.wait_at_rest()
    named = {part: f"cchc: {part}" for part in (*system.parts, "operations") if part != "postgres"}
    shown = {part: psutil.Process(system.pid(part)).cmdline()[0].rstrip() for part in named}
    assert shown == named
    launcher = Path(f"/proc/{system.processes()[0].pid}/cmdline").read_bytes()
    assert launcher.rstrip(b"\0 ") == b"cchc: launcher"


def test_the_public_door_tells_no_details(system: System) -> None:
    system.wait_at_rest()
    public = httpx.get(f"{system.url}/readyz")
    assert (public.status_code, public.json()) == (200, {"ready": True})
    for address in (system.url, system.address("feedback-api")):
        assert httpx.get(f"{address}/metrics").status_code == 404


@pytest.fixture
def many(tmp_path_factory: pytest.TempPathFactory, installed: Installed, system: System) -> Iterator[System]:
    """A run of several instances. `system` is named only so that all tests here have one group."""
    assert system.parts
    with installed(tmp_path_factory.mktemp("many") / "data", WORKERS="2", APIS="2") as running:
        yield running


def test_several_instances_share_the_work_and_stand_in_for_each_other(many: System) -> None:
    extra = {"scoring-worker-2", "tasks-api-2", "feedback-api-2", "dossiers-api-2", "notify-2", "scoring-api-2"}
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


def received(page: str, part: str) -> float:
    families = {family.name: family for family in text_string_to_metric_families(page)}
    return sum(
        sample.value
        for sample in families["cchc_http_requests"].samples
        if sample.labels["part"] == part and sample.labels["route"] == "/v1/feedback"
    )
