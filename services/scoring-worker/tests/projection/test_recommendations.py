"""A recommendation of an inspection as a duty: done as of its confirmed report, and owed again once reopened."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cchc_shared.contract.codes import RecommendationStatus
from cchc_shared.contract.events.inspection import (
    RecommendationConfirmed,
    RecommendationIssued,
    RecommendationReopened,
    RecommendationReported,
    RecommendationState,
)
from scoring_worker.facts.domain import Duty
from scoring_worker.projection.fold import Fold
from tests.support.events import event_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ISSUED_AT = datetime(2024, 6, 3, 3, tzinfo=UTC)
DUE_AT = datetime(2024, 6, 30, 17, tzinfo=UTC)
REPORTED_AT = ISSUED_AT + timedelta(days=5)
S = RecommendationStatus


def said_of(
    kind: type[RecommendationState],
    status: RecommendationStatus,
    *,
    reported_at: datetime | None = None,
    done_at: datetime | None = None,
) -> RecommendationState:
    return kind(
        code="KT-2024-0001.1.1",
        inspection="KT-2024-0001",
        conclusion=1,
        responsible_unit="STP",
        inspecting_unit="SNV",
        inspected_unit="STP",
        status=status,
        issued_at=ISSUED_AT,
        due_on=date(2024, 6, 30),
        due_at=DUE_AT,
        reported_at=reported_at,
        done_at=done_at,
    )


HISTORY = (
    said_of(RecommendationIssued, S.OPEN),
    said_of(RecommendationReported, S.REPORTED, reported_at=REPORTED_AT),
    said_of(RecommendationConfirmed, S.DONE, done_at=REPORTED_AT),
    said_of(RecommendationReopened, S.OPEN),
)


def duties(events: int) -> list[Duty]:
    """The duties that have not ended after so many events; each happens twenty days after the one before."""
    fold = Fold([], timezone=HANOI, now=ISSUED_AT)
    for version, data in enumerate(HISTORY[:events], 1):
        at = ISSUED_AT + timedelta(days=20 * (version - 1))
        fold.apply(event_of(data, data.code, version, at), f"recommendation:{data.code}")
    return [duty for duty in fold.opened if duty.ended_at is None]


def test_it_is_owed_by_the_responsible_unit_from_the_conclusion_on() -> None:
    [duty] = duties(1)
    assert (duty.measure, duty.unit, duty.due_at, duty.done_at) == ("inspection.recommendation", "STP", DUE_AT, None)


def test_a_report_alone_does_not_count_and_a_slow_confirmation_is_not_booked_to_the_unit() -> None:
    assert duties(2) == [], "while it awaits confirmation it is neither done nor overdue"
    [duty] = duties(3)
    assert duty.done_at == REPORTED_AT < duty.due_at, "confirmed after the last day, reported before"


def test_what_is_reopened_is_owed_again_by_the_same_last_day() -> None:
    [duty] = duties(4)
    assert (duty.opened_version, duty.due_at, duty.done_at) == (4, DUE_AT, None)
