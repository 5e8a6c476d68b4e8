"""The days on which recurring work is due."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tasks_api.deadlines.domain import Every, Rhythm, occurrences

EVERY: tuple[Every, ...] = ("daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly")
A_YEAR = {"daily": 366, "weekly": 53, "monthly": 12, "quarterly": 4, "half_yearly": 2, "yearly": 1}
RHYTHMS = st.builds(
    Rhythm,
    every=st.sampled_from(EVERY),
    weekday=st.none() | st.integers(1, 7),
    day=st.none() | st.integers(1, 31),
    starts_on=st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    ends_on=st.none() | st.dates(date(2027, 1, 1), date(2032, 1, 1)),
)
BEGIN = st.dates(date(2024, 1, 1), date(2028, 1, 1))


def test_days_of_each_rhythm() -> None:
    def in_2028(rhythm: Rhythm) -> list[date]:
        return list(occurrences(rhythm, date(2028, 1, 1), date(2028, 12, 31)))

    assert in_2028(Rhythm(every="quarterly")) == [date(2028, m, d) for m, d in ((3, 31), (6, 30), (9, 30), (12, 31))]
    assert in_2028(Rhythm(every="quarterly", day=20)) == [date(2028, m, 20) for m in (3, 6, 9, 12)]
    assert in_2028(Rhythm(every="half_yearly")) == [date(2028, 6, 30), date(2028, 12, 31)]
    assert in_2028(Rhythm(every="yearly", month=2)) == [date(2028, 2, 29)]
    assert in_2028(Rhythm(every="yearly", month=12, day=14)) == [date(2028, 12, 14)]
    assert in_2028(Rhythm(every="monthly", day=30))[:3] == [date(2028, 1, 30), date(2028, 2, 29), date(2028, 3, 30)]
    assert in_2028(Rhythm(every="weekly", weekday=5))[0] == date(2028, 1, 7)
    assert in_2028(Rhythm(every="weekly"))[0] == date(2028, 1, 2)
    assert in_2028(Rhythm(every="continuous")) == []


@given(RHYTHMS, BEGIN, st.integers(0, 1500))
def test_occurrences_are_in_order_within_their_bounds_and_as_many_as_the_rhythm_says(
    rhythm: Rhythm, since: date, days: int
) -> None:
    until = since + timedelta(days=days)
    found = list(occurrences(rhythm, since, until))
    assert all(one < other for one, other in pairwise(found))
    first, last = max(since, rhythm.starts_on or since), min(until, rhythm.ends_on or until)
    assert all(first <= day <= last for day in found)
    if first <= last:
        expected = A_YEAR[rhythm.every] * ((last - first).days + 1) / (365.25 if rhythm.every != "daily" else 366)
        assert abs(len(found) - expected) <= max(2.0, days / 365 * 2)


@given(RHYTHMS, BEGIN, st.integers(0, 900), st.integers(0, 900))
def test_two_stretches_give_what_the_whole_gives(rhythm: Rhythm, since: date, one: int, other: int) -> None:
    middle, until = since + timedelta(days=one), since + timedelta(days=one + other + 1)
    parts = [*occurrences(rhythm, since, middle), *occurrences(rhythm, middle + timedelta(days=1), until)]
    assert parts == list(occurrences(rhythm, since, until))
