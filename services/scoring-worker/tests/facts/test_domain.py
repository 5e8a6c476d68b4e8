"""A duty at the very instants at which something changes."""

from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from scoring_worker.facts.domain import Duty, DutyState
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
