"""Starting, stopping and starting again; two runs at once."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.http import Json, clients
from tests.support.system import System


@pytest.fixture
def another(tmp_path: Path) -> Iterator[System]:
    """A run of its own beside the one that the other tests share, with secrets of its own."""
    with System(tmp_path / "data") as system:
        yield system


def holdings(system: System) -> Json:
    """What a run holds, counted; reports by code."""
    with clients(system) as callers:
        desk = callers.as_office()
        return {
            "units": len(desk.pages("/v1/units")),
            "plans": [plan["code"] for plan in desk.pages("/v1/plans")],
            "tasks": len(desk.pages("/v1/tasks")),
            "reports": [report["code"] for report in desk.pages("/v1/feedback")],
        }


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_two_runs_do_not_meet_and_a_run_finds_its_data_again(system: System, another: System) -> None:
    with clients(another) as callers, clients(system) as elsewhere:
        body = {"channel": "web", "kind": "on_site", "content": "Chỉ có ở lần chạy này"}
        received = callers.as_citizen().create("/v1/feedback", body)
        assert callers.as_citizen().get(f"/v1/feedback/{received['code']}")["status"] == "received"
        foreign = elsewhere.as_nobody().send("GET", "/v1/feedback", headers=another.bearer("citizen", "citizen"))
        assert foreign.status_code == 401, "a token of one run opens nothing in another"
    before = holdings(another)
    assert before["reports"] == [received["code"]]
    assert (before["plans"], before["tasks"]) == (["KH-2024-0001"], 64)

    running = another.processes()
    assert another.stop() == 0
    assert [process for process in running if process.is_running()] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(another.url)
    assert all(system.pid(part) for part in system.parts)

    another.start()
    assert holdings(another) == before


def test_every_part_has_a_pid_file_that_names_its_process(system: System) -> None:
    family = {process.pid for process in system.processes()}
    for part in system.parts:
        assert system.pid(part) in family, part
