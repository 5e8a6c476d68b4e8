"""A time as whole months and what is added to them or taken away; and the cells that a question has."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_api.statistics.domain import Bounded, Dimension, Span, grain, month_of, name_of, split

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
days = st.integers(0, 500).map(lambda day: datetime(2025, 10, 1, tzinfo=ZONE) + timedelta(days=day))
hours = st.integers(0, 413 * 24).map(lambda hour: datetime(2025, 10, 1, tzinfo=ZONE) + timedelta(hours=hour))


def lies_in(instant: datetime, span: Span | Bounded) -> bool:
    return (span.since is None or span.since <= instant) and (span.until is None or instant < span.until)


@given(st.none() | days, st.none() | days, hours)
def test_each_report_counts_once_if_it_lies_in_the_time_and_else_not_at_all(
    since: datetime | None, until: datetime | None, received_at: datetime
) -> None:
    span = Span(since, until)
    parts = split(span, ZONE, NOW)
    if parts is None:
        return
    counted = int(lies_in(received_at, parts.months))
    counted += sum(lies_in(received_at, part) for part in parts.added)
    counted -= sum(lies_in(received_at, part) for part in parts.removed)
    assert counted == lies_in(received_at, span)
    for edge in (parts.months.since, parts.months.until):
        assert edge is None or edge == month_of(edge, ZONE).since


def test_of_a_month_that_is_not_over_nothing_is_read_but_what_is_to_come() -> None:
    year = Span(datetime(2026, 1, 1, tzinfo=ZONE), datetime(2026, 11, 19, tzinfo=ZONE))
    parts = split(year, ZONE, NOW)
    assert parts is not None
    december = datetime(2026, 12, 1, tzinfo=ZONE)
    assert (parts.months, parts.added, parts.removed) == (
        Span(year.since, december),
        [],
        [Bounded(datetime(2026, 11, 19, tzinfo=ZONE), december)],
    )
    assert split(Span(december, december), ZONE, NOW) is None


def test_the_year_ends_with_december() -> None:
    month = month_of(datetime(2026, 12, 31, 17, tzinfo=UTC) - timedelta(seconds=1), ZONE)
    assert (name_of(month.since, ZONE), name_of(month.until, ZONE)) == ("2026-12", "2027-01")


@pytest.mark.parametrize(
    ("dimensions", "by_unit", "expected"),
    [
        ((), False, 0),
        (("month", "channel"), False, 1),
        (("channel", "kind", "category"), False, 7),
        (("month", "unit"), True, 8),
        (("unit", "category"), True, 12),
        (("unit", "channel", "kind"), True, None),
    ],
)
def test_a_question_has_its_cells_unless_they_were_as_many_as_reports(
    dimensions: tuple[str, ...], by_unit: bool, expected: int | None
) -> None:
    assert grain([Dimension(name) for name in dimensions], by_unit=by_unit) == expected
