"""Counts of dossiers equal a plain count of what each of them shows, in any group and between any days."""

from collections import Counter
from typing import Any

import pytest

from ..conftest import HOME_AFFAIRS, JUSTICE, Service, item

PERIODS = [{}, {"from": "2026-11-03"}, {"to": "2026-11-02"}, {"from": "2026-11-02", "to": "2026-11-02"}]


async def _many(service: Service) -> None:
    items = []
    for number in range(40):
        code, unit = f"H26.33-261102-{number:04}", (HOME_AFFAIRS, JUSTICE)[number % 2]
        received = f"2026-11-0{2 + number % 3}T09:00"
        own: dict[str, Any] = {"dossier": code, "unit": unit, "received_at": f"{received}:00+07:00"}
        own["appointment_at"] = (
            None if number % 7 == 0 else ("2026-11-10" if number % 5 else "2026-11-30") + "T17:00:00+07:00"
        )
        items.append(item("received", received, **own))
        if number % 4 == 1:
            items += [
                item("supplement_requested", f"2026-11-0{6 + each}T09:00", **own) for each in range(1 + number % 3)
            ]
        if number % 3 == 0:
            items.append(item("handled", f"2026-11-{9 + number % 5:02}T09:00", **own))
    results = await service.send(*items)
    assert {each["status"] for each in results} == {"accepted"}


def _judged(shown: dict[str, Any]) -> str:
    if shown["late"] is None:
        return "undated"
    over = shown["ended_at"] or shown["waiting_since"] or shown["late_from"]
    if over is None:
        return "overdue_open" if shown["late"] else "not_due"
    return "late" if shown["late"] else "on_time"


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("group_by", ["unit", "month,unit", "status,channel", "procedure,field", None])
async def test_counts_equal_a_plain_count(service: Service, group_by: str | None, period: dict[str, str]) -> None:
    await _many(service)
    board = service.tokens(sub="b-1", roles=["scoring_board"])
    listed = (await service.client.get("/v1/dossiers", params={"limit": 100}, headers=board)).json()["items"]
    dimensions = [] if group_by is None else group_by.split(",")
    wanted: dict[tuple[Any, ...], Counter[str]] = {}
    for each in listed:
        day = each["received_at"][:10]  # nine in the morning: the same day in UTC
        if period.get("from", day) <= day <= period.get("to", day):
            key = tuple(each["received_at"][:7] if name == "month" else each[name] for name in dimensions)
            wanted.setdefault(key, Counter())[_judged(each)] += 1
    asked = period | ({} if group_by is None else {"group_by": group_by})
    answer = await service.client.get("/v1/statistics/dossiers", params=asked, headers=board)
    rows = answer.json()["rows"]
    assert {tuple(row[name] for name in dimensions) for row in rows} == wanted.keys()
    for row in rows:
        counts = wanted[tuple(row[name] for name in dimensions)]
        assert {name: row[name] for name in ("on_time", "late", "overdue_open", "not_due", "undated")} == {
            name: counts[name] for name in ("on_time", "late", "overdue_open", "not_due", "undated")
        }
        judged = counts["on_time"] + counts["late"] + counts["overdue_open"]
        assert row["on_time_rate"] == (round(counts["on_time"] / judged, 4) if judged else None)
        assert row["received"] == counts.total()


async def test_staff_count_their_own_unit(service: Service) -> None:
    await _many(service)
    officer = service.tokens(sub="o-1", roles=["officer"], unit=JUSTICE)
    rows = (await service.client.get("/v1/statistics/dossiers", params={"group_by": "unit"}, headers=officer)).json()
    assert [row["unit"] for row in rows["rows"]] == [JUSTICE]
    other = await service.client.get("/v1/statistics/dossiers", params={"unit": HOME_AFFAIRS}, headers=officer)
    assert other.status_code == 404
