"""Starting, stopping and starting again; two runs at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.system import System, pages


@pytest.fixture
def another(tmp_path: Path) -> Iterator[System]:
    """A run of its own beside the one that the other tests share."""
    with System(tmp_path / "data") as system:
        yield system


def holdings(system: System) -> dict[str, Any]:
    """What a run holds, counted; reports by code."""
    with system.client("desk", "coordinator") as desk:
        return {
            "units": len(pages(desk, "/v1/units")),
            "plans": [plan["code"] for plan in pages(desk, "/v1/plans")],
            "tasks": len(pages(desk, "/v1/tasks")),
            "reports": [report["code"] for report in pages(desk, "/v1/feedback")],
        }


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_two_runs_do_not_meet_and_a_run_finds_its_data_again(system: System, another: System) -> None:
    with another.client("citizen", "citizen") as citizen:
        body = {"channel": "web", "kind": "on_site", "content": "Chỉ có ở lần chạy này"}
        received = citizen.post("/v1/feedback", json=body).raise_for_status().json()
        assert citizen.get(f"/v1/feedback/{received['code']}").status_code == 200
        with system.client("citizen", "citizen") as elsewhere:
            foreign = elsewhere.get("/v1/feedback", headers=citizen.headers)
            assert foreign.status_code == 401, "a token of one run opens nothing in another"
    before = holdings(another)
    assert before["reports"] == [received["code"]]
    assert (before["plans"], before["tasks"]) == (["KH-2024-0001"], 63)

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
