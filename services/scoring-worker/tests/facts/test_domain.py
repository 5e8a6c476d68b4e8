"""A duty at the very instants at which something changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.calendar.working_time import last_day_before
from scoring_worker.facts.domain import Duty, DutyState, month_due
from scoring_worker.sources.task import COMPLETION

OPENED = datetime(2026, 5, 4, 2, tzinfo=UTC)
INSTANT, DAY = timedelta(microseconds=1), timedelta(days=1)
DUTY = Duty(
    aggregate="task:1",
    measure=COMPLETION,
    opened_version=1,
    code="NV-1",
    unit="A",
    month=date(2026, 5, 1),
    opened_at=OPENED,
    recorded_at=OPENED,
    due_at=OPENED + 10 * DAY,
)


def test_a_duty_is_there_from_its_opening_until_its_end() -> None:
    ended = replace(DUTY, ended_at=OPENED + DAY)
    assert DUTY.state_at(OPENED - INSTANT) is None
    assert DUTY.state_at(OPENED) is ended.state_at(OPENED) is DutyState.PENDING
    assert ended.state_at(OPENED + DAY - INSTANT) is DutyState.PENDING
    assert ended.state_at(OPENED + DAY) is None
    assert ended.state_now(OPENED) is None


def test_what_is_done_shows_from_the_instant_it_was_done() -> None:
    done = replace(DUTY, done_at=OPENED + DAY)
    assert done.state_at(OPENED + DAY - INSTANT) is DutyState.PENDING
    assert done.state_at(OPENED + DAY) is DutyState.ON_TIME
    assert done.state_now(OPENED) is DutyState.ON_TIME, "now is by all that is known"
    assert replace(DUTY, done_at=DUTY.due_at).state_now(OPENED) is DutyState.LATE


@given(
    st.integers(0, 3 * 366 * 86_400_000_000).map(lambda passed: OPENED + passed * INSTANT),
    st.sampled_from(("Asia/Ho_Chi_Minh", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "UTC")),
    st.integers(-2, 2),
)
def test_a_duty_counts_in_the_local_month_of_its_last_moment(due_at: datetime, name: str, off: int) -> None:
    zone = ZoneInfo(name)
    of_month = due_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for at in (due_at, of_month, of_month + off * DAY, (of_month + off * DAY).astimezone(zone)):
        assert month_due(at, zone) == last_day_before(at, zone).replace(day=1)
