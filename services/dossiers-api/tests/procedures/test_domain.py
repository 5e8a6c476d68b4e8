"""What holds of procedures on a day, and until when dossiers are to be handled."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import ProcedureChange, ProcedureLevel
from dossiers_api.procedures.domain import (
    Entry,
    allowed_until,
    announce_by,
    beginning_of,
    disclose_by,
    disclosed,
    in_force,
    on,
)
from dossiers_api.procedures.rules import ProcedureRules

PROFILE = REPOSITORY / "data" / "hanoi"
CALENDAR = WorkingCalendar.load(PROFILE)
RULES = ProcedureRules.load(PROFILE)
HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CUT_OFF = time(15)


def entry(effective_on: date, change: ProcedureChange = ProcedureChange.PUBLISHED, **other: object) -> Entry:
    own: dict[str, object] = {
        "procedure": "1.001234",
        "effective_on": effective_on,
        "number": 1,
        "version": 1,
        "decision": "1/QĐ-UBND",
        "issued_on": date(2026, 11, 2),
        "unit": "so-noi-vu",
        "change": change,
        "levels": (ProcedureLevel.CITY,),
    }
    return Entry(**own | other)  # type: ignore[arg-type]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@given(
    st.lists(
        st.tuples(DAYS, st.integers(1, 3), st.sampled_from(list(ProcedureChange))),
        max_size=6,
        unique_by=lambda e: e[:2],
    ),
    DAYS,
)
def test_the_newest_with_effect_holds(said: list[tuple[date, int, ProcedureChange]], day: date) -> None:
    entries = [entry(since, change, number=number) for since, number, change in said]
    expected: ProcedureChange | None = None
    for since, _, change in sorted(said):
        if since <= day:
            expected = change
    holds = on(reversed(entries), day)
    assert (None if holds is None else holds.change) == expected
    assert in_force(entries, day) == (expected is ProcedureChange.PUBLISHED)


@pytest.mark.parametrize(
    ("received", "terms", "until"),
    [
        ("2026-11-18T09:00", {"working_days": 3}, "2026-11-23T17:30"),  # a Wednesday: Thursday, Friday, Monday
        ("2026-11-18T15:00", {"working_days": 3}, "2026-11-23T17:30"),
        ("2026-11-18T15:01", {"working_days": 3}, "2026-11-25T17:30"),  # as on Thursday morning; the 24th is off
        ("2026-11-20T15:30", {"working_days": 1}, "2026-11-25T17:30"),  # on Monday morning
        ("2026-11-21T09:00", {"working_days": 1}, "2026-11-25T17:30"),  # a Saturday: on Monday morning
        ("2026-11-21T22:00", {"working_days": 1}, "2026-11-25T17:30"),
        ("2026-11-18T07:00", {"working_days": 1}, "2026-11-19T17:30"),
        ("2026-11-18T09:00", {"working_hours": 2}, "2026-11-18T11:00"),
        ("2026-11-18T16:00", {"working_hours": 1}, "2026-11-19T09:00"),
    ],
)  # fmt: skip
def test_what_comes_after_the_cut_off_counts_from_the_next_morning(
    received: str, terms: dict[str, int], until: str
) -> None:
    found = allowed_until(entry(date(2026, 1, 1), **dict[str, Any](terms)), local(received), CUT_OFF, CALENDAR)
    assert found == local(until)


def test_nothing_is_laid_down_by_what_is_not_in_force() -> None:
    received = local("2026-11-18T09:00")
    assert allowed_until(None, received, CUT_OFF, CALENDAR) is None
    assert allowed_until(entry(date(2026, 1, 1)), received, CUT_OFF, CALENDAR) is None
    gone = entry(date(2026, 1, 1), ProcedureChange.ABOLISHED, working_days=3)
    assert allowed_until(gone, received, CUT_OFF, CALENDAR) is None


@given(DAYS, st.integers(0, 30))
def test_a_decision_is_in_time_that_leaves_five_working_days(effective_on: date, before: int) -> None:
    issued_on = effective_on - timedelta(days=before)
    between = (issued_on + timedelta(days=number) for number in range(1, before + 1))
    in_time = sum(CALENDAR.is_working_day(day) for day in between) >= 5
    assert (beginning_of(issued_on, CALENDAR) < announce_by(effective_on, RULES, CALENDAR)) == in_time


def test_disclosure_is_due_on_the_fifth_working_day() -> None:
    assert disclose_by(date(2026, 11, 18), RULES, CALENDAR) == local("2026-11-26T17:30")


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), min_size=1, max_size=6))
def test_in_whatever_order_disclosures_come(said: list[tuple[int, bool]]) -> None:
    first = local("2026-11-18T09:00")
    times = [(first + timedelta(hours=hours), complete) for hours, complete in said]

    def after(order: list[tuple[datetime, bool]]) -> tuple[datetime | None, datetime | None]:
        found = entry(date(2026, 12, 1))
        for at, complete in order:
            found = disclosed(found, at, complete=complete)
        return found.disclosed_at, found.complete_at

    whole = [at for at, complete in times if complete]
    assert after(times) == after(times[::-1]) == (min(at for at, _ in times), min(whole, default=None))
    once = disclosed(entry(date(2026, 12, 1)), *times[:1][0][:1], complete=True)
    assert disclosed(once, times[0][0], complete=True) is once, "said again it makes no event"
