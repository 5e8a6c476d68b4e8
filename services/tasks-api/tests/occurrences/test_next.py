"""Which occurrence comes next, and when it is assigned."""

from datetime import UTC, date, datetime
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from tasks_api.deadlines.domain import LAST_DAY, Rhythm, occurrences
from tasks_api.tasks.domain import Occurrence, Schedule, Task, next_occurrence, occurrence_code
from tests.support.tasks import Profile

ASSIGNED = datetime(2026, 1, 14, 2, tzinfo=UTC)
RHYTHMS = st.builds(
    Rhythm,
    every=st.sampled_from(("daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly")),
    weekday=st.none() | st.integers(1, 7),
    day=st.none() | st.integers(1, LAST_DAY),
    starts_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 6, 1)),
    ends_on=st.none() | st.dates(date(2027, 7, 1), date(2029, 1, 1)),
)


def recurring(*rhythm: Rhythm) -> Task:
    return Task(
        id=1,
        code="NV-1",
        title="x",
        lead_unit="A",
        assigning_unit="O",
        assigned_at=ASSIGNED,
        schedule=Schedule(rhythm=rhythm),
    )


def first(profile: Profile, rhythm: Rhythm, after: date) -> list[str]:
    """The day of the next occurrence, and the local day with which it begins."""
    found = next_occurrence(recurring(rhythm), 0, after, profile.calendar)
    return [str(found.due_on), str(profile.calendar.local_date(found.begins_at))] if found else []


def test_an_occurrence_begins_when_the_one_before_was_due(profile: Profile) -> None:
    day = date(2026, 6, 20)
    assert first(profile, Rhythm(every="weekly", weekday=5), day) == ["2026-06-26", "2026-06-20"]
    assert first(profile, Rhythm(every="monthly", day=20), day) == ["2026-07-20", "2026-06-21"]
    assert first(profile, Rhythm(every="monthly"), day) == ["2026-06-30", "2026-06-01"]
    assert first(profile, Rhythm(every="quarterly"), day) == ["2026-06-30", "2026-04-01"]
    assert first(profile, Rhythm(every="half_yearly", day=14), day) == ["2026-12-14", "2026-06-15"]
    assert first(profile, Rhythm(every="yearly", month=2), date(2028, 1, 1)) == ["2028-02-29", "2027-03-01"]


def test_what_is_daily_is_due_on_working_days(profile: Profile) -> None:
    friday = date(2026, 6, 19)
    assert first(profile, Rhythm(every="daily"), friday) == ["2026-06-22", "2026-06-20"]
    # 22 August 2026 is a Saturday that is worked.
    assert first(profile, Rhythm(every="daily"), date(2026, 8, 21)) == ["2026-08-22", "2026-08-22"]


def test_no_occurrence_begins_before_its_task_was_assigned(profile: Profile) -> None:
    found = next_occurrence(recurring(Rhythm(every="yearly")), 0, date(2026, 1, 14), profile.calendar)
    assert found == Occurrence(0, date(2026, 12, 31), ASSIGNED)


def test_a_rhythm_ends(profile: Profile) -> None:
    until = Rhythm(every="monthly", ends_on=date(2026, 6, 29))
    assert first(profile, until, date(2026, 4, 30)) == ["2026-05-31", "2026-05-01"]
    assert first(profile, until, date(2026, 5, 31)) == []
    assert first(profile, Rhythm(every="continuous"), date(2026, 5, 31)) == []


def test_a_later_start_is_waited_for(profile: Profile) -> None:
    later = Rhythm(every="monthly", starts_on=date(2027, 3, 10))
    assert first(profile, later, date(2026, 6, 1)) == ["2027-03-31", "2027-03-01"]


@given(RHYTHMS)
def test_occurrences_follow_each_other_without_a_gap(profile: Profile, rhythm: Rhythm) -> None:
    task, after = recurring(rhythm), date(2026, 1, 14)
    found: list[Occurrence] = []
    while len(found) < 8 and (each := next_occurrence(task, 0, after, profile.calendar)):
        found.append(each)
        after = each.due_on
    days = (
        day
        for day in occurrences(rhythm, date(2026, 1, 15), date(2040, 1, 1))
        if rhythm.every != "daily" or profile.calendar.is_working_day(day)
    )
    assert [each.due_on for each in found] == list(islice(days, 8))
    for one, other in pairwise(found):
        assert other.begins_at == profile.calendar.end_of_day(one.due_on), "it begins when the one before is due"
    assert all(each.begins_at < profile.calendar.end_of_day(each.due_on) for each in found)


@given(st.lists(RHYTHMS, min_size=1, max_size=4))
def test_no_two_occurrences_have_one_code(profile: Profile, rhythms: list[Rhythm]) -> None:
    task, codes = recurring(*rhythms), list[str]()
    for number in range(len(rhythms)):
        after = date(2026, 1, 14)
        while (each := next_occurrence(task, number, after, profile.calendar)) and after < date(2026, 4, 1):
            codes.append(occurrence_code(task, each))
            after = each.due_on
    assert len(codes) == len(set(codes))
