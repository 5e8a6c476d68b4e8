"""The whole system on another day: what is due by then has its consequences, and nothing is parked."""

import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.system import System, pages

UNIT = "so-du-lich"
LATER = "P21D"
SOON = 60.0


def overdue_reports(desk: httpx.Client) -> list[str]:
    return [report["code"] for report in pages(desk, "/v1/feedback", unit=UNIT, overdue="true")]


def acceptance(desk: httpx.Client, period: str) -> dict[str, Any]:
    """The input of the criterion that counts reports accepted in time."""
    score = desk.get(f"/v1/scores/{UNIT}", params={"set": "CCHC-CITY", "period": period}).raise_for_status().json()
    leaves = [leaf for field in score["tree"] for criterion in field["children"] for leaf in _leaves(criterion)]
    return next(dict(leaf["inputs"][0]) for leaf in leaves if leaf["code"] == "2.1")


def _leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [leaf for child in node["children"] for leaf in _leaves(child)] if node["children"] else [node]


def test_three_weeks_later_reports_are_overdue_and_scores_have_moved(tmp_path: Path) -> None:
    system = System(tmp_path / "data")
    with system, system.client("citizen", "citizen") as citizen, system.client("desk", "coordinator") as desk:
        body = {"channel": "web", "kind": "on_site", "content": "Đèn đường hỏng ba đêm liền", "unit": UNIT}
        report = citizen.post("/v1/feedback", json=body).raise_for_status().json()
        period = report["accept_due_at"][:4]
        assert overdue_reports(desk) == []
        end = time.monotonic() + SOON
        while acceptance(desk, period)["pending"] != 1:
            assert time.monotonic() < end, "the report has not reached its score"
            time.sleep(0.1)
    with system.shifted(LATER), system.client("desk", "coordinator") as desk:
        assert f"THE CLOCK IS SHIFTED by {LATER}" in system.log.read_text()
        assert overdue_reports(desk) == [report["code"]]
        assert acceptance(desk, period)["overdue"] == 1
        # What happens on that day is of that day, for every service alike.
        with system.client("citizen", "citizen") as citizen:
            later = citizen.post("/v1/feedback", json=body).raise_for_status().json()
        assert later["received_at"] > report["resolve_due_at"]
        end = time.monotonic() + SOON
        while acceptance(desk, later["accept_due_at"][:4])["pending"] < 1:
            assert time.monotonic() < end, "the later report has not reached its score"
            time.sleep(0.1)
        with system.client("op", "operator") as operator:
            for service in ("scoring", "feedback"):
                assert pages(operator, f"/v1/parked-events/{service}") == []
