"""The whole system on another day: what is due by then has its consequences, and nothing is parked."""

from pathlib import Path

from tests.end_to_end.conftest import Scores
from tests.support.http import Client, clients
from tests.support.installed import Installed

UNIT = "so-du-lich"
LATER = "P21D"
ACCEPTANCE = "2.1"
"""The criterion that counts reports accepted in time."""


def overdue_reports(desk: Client) -> list[str]:
    return [report["code"] for report in desk.pages("/v1/feedback", unit=UNIT, overdue="true")]


def test_three_weeks_later_reports_are_overdue_and_scores_have_moved(tmp_path: Path, installed: Installed) -> None:
    system = installed(tmp_path / "data")
    with system, clients(system) as callers:
        desk = callers.as_office()
        body = {"channel": "web", "kind": "on_site", "content": "Đèn đường hỏng ba đêm liền", "unit": UNIT}
        report = callers.as_citizen().create("/v1/feedback", body)
        period = report["accept_due_at"][:4]
        assert overdue_reports(desk) == []
        desk.act(f"/v1/feedback/{report['code']}", "assign", {}, version=1)
        Scores(desk, UNIT, period).until(ACCEPTANCE, pending=1)
    with system.shifted(LATER), clients(system) as callers:
        desk = callers.as_office()
        assert f"THE CLOCK IS SHIFTED by {LATER}" in system.log.read_text()
        assert overdue_reports(desk) == [report["code"]]
        (counted,) = Scores(desk, UNIT, period).leaf(ACCEPTANCE)["inputs"]
        assert counted["overdue"] == 1
        # What happens on that day is of that day, for every service alike.
        later = callers.as_citizen().create("/v1/feedback", body)
        assert later["received_at"] > report["resolve_due_at"]
        desk.act(f"/v1/feedback/{later['code']}", "assign", {}, version=1)
        Scores(desk, UNIT, later["accept_due_at"][:4]).until(ACCEPTANCE, pending=1)
        for service in ("scoring", "feedback"):
            assert callers.as_operator().pages(f"/v1/parked-events/{service}") == []
