"""What the long form ends with: 0 only if nothing was found and each fault proved something."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.chaos import __main__ as chaos
from tests.chaos.faults import KINDS
from tests.chaos.history import Anomaly, Finding
from tests.chaos.nemesis import Outcome, Strike
from tests.support.disk import SmallDisk

Run = Callable[..., int]


def outcome(transport: str, strikes: Sequence[tuple[str, int]], findings: Sequence[Finding] = ()) -> Outcome:
    struck = [Strike(kind, "", "tasks-api", at_work, 0.0, 1.0) for kind, at_work in strikes]
    return Outcome(transport, 1, struck, 20.0, 1.0, 0.5, {}, {}, list(findings))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs the command; the runs end as told, and say which faults they were asked for."""

    def run(*arguments: str, ends: Callable[[str, Sequence[str]], Outcome]) -> int:
        monkeypatch.setattr(chaos, "run", lambda transport, kinds, _kills, _seed: ends(transport, kinds))
        monkeypatch.setattr(sys, "argv", ["chaos", "--json", str(tmp_path / "chaos.json"), *arguments])
        return chaos.main()

    for name in ("KILLS", "FAULTS", "TRANSPORT", "SEED"):
        monkeypatch.delenv(name, raising=False)
    return run


def all_at_work(transport: str, kinds: Sequence[str]) -> Outcome:
    return outcome(transport, [(kind, 3) for kind in kinds])


def test_when_every_fault_met_somebody_at_work_all_is_well(run: Run) -> None:
    assert run(ends=all_at_work) == 0


def test_a_finding_ends_it_badly(run: Run) -> None:
    lost = Finding(Anomaly.LOST, "feedback", "PA-26-000001", "acknowledged")
    assert run("--faults", "kill", ends=lambda transport, _: outcome(transport, [("kill", 1)], [lost])) == 1


def test_a_fault_that_met_nobody_at_work_proves_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--faults", "kill,freeze", ends=lambda each, _: outcome(each, [("kill", 1), ("freeze", 0)])) == 1
    assert "proves nothing: freeze: met nobody at work\n" in capsys.readouterr().out


def test_one_run_of_several_is_enough_for_a_fault(run: Run) -> None:
    def ends(transport: str, _: Sequence[str]) -> Outcome:
        return outcome(transport, [("kill", 1), ("freeze", int(transport == "kafka"))])

    assert run("--faults", "kill,freeze", ends=ends) == 0


def test_a_fault_that_never_came_proves_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--faults", "kill,clock", ends=lambda each, _: outcome(each, [("kill", 1)])) == 1
    assert "proves nothing: clock: never came\n" in capsys.readouterr().out


def test_a_disk_that_cannot_be_had_is_said(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SmallDisk, "available", staticmethod(lambda: False))
    assert run("--faults", "kill,disk", ends=lambda each, _: outcome(each, [("kill", 1)])) == 1
    assert "proves nothing: disk: never came: only root" in capsys.readouterr().out


def test_without_a_broker_nothing_is_asked_of_it(run: Run) -> None:
    asked: list[str] = []

    def ends(transport: str, kinds: Sequence[str]) -> Outcome:
        asked.extend(kinds)
        return all_at_work(transport, kinds)

    assert run("--transport", "postgres", ends=ends) == 0
    assert set(asked) == set(KINDS) - {"broker"}
    with pytest.raises(SystemExit, match="2"):
        run("--transport", "postgres", "--faults", "broker", ends=ends)
