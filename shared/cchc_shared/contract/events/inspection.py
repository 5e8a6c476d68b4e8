"""Events of an inspection (kiểm tra công vụ), and of each recommendation that its conclusions make.

Until an inspection is announced or started, its events name no unit: nobody who reads the stream learns who is to be
inspected, by whom, or on which day.
"""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from cchc_shared.contract.events.envelope import EventData, Instant


class InspectionState(EventData, frozen=True, kw_only=True):
    """State of the inspection after the event.

    `inspecting_unit`, `inspected_unit`, `unannounced` and `revealed_at` are absent until it is announced or started,
    and stay absent if it is cancelled before that. `revealed_at` is the instant of that announcement or start.
    """

    AGGREGATE: ClassVar[str] = "inspection"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    status: InspectionStatus
    inspecting_unit: str | None = None
    inspected_unit: str | None = None
    unannounced: bool | None = None
    revealed_at: Instant | None = None
    concluded_at: Instant | None = None


class InspectionPlanned(InspectionState, frozen=True, kw_only=True):
    """Somebody will be inspected. It counts version 1, so that a reader of the stream can tell that none is missing."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.inspection.planned.v1"


class InspectionAnnounced(InspectionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.inspection.announced.v1"


class InspectionStarted(InspectionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.inspection.started.v1"


class InspectionConcluded(InspectionState, frozen=True, kw_only=True):
    """`conclusions` and `recommendations` say how many there are; each recommendation has its own event `issued`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.inspection.concluded.v1"

    conclusions: int
    recommendations: int


class InspectionCancelled(InspectionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.inspection.cancelled.v1"


class RecommendationState(EventData, frozen=True, kw_only=True):
    """State of the recommendation after the event.

    `due_at` is the first instant at which it is late: the one after the last day, `due_on`. `done_at` is the instant of
    the report that was confirmed, so that a slow confirmation is not booked to the unit that reported in time.
    """

    AGGREGATE: ClassVar[str] = "recommendation"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    inspection: str
    conclusion: int
    responsible_unit: str
    inspecting_unit: str
    inspected_unit: str
    status: RecommendationStatus
    issued_at: Instant
    due_on: date
    due_at: Instant
    reported_at: Instant | None = None
    done_at: Instant | None = None


class RecommendationIssued(RecommendationState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.recommendation.issued.v1"


class RecommendationReported(RecommendationState, frozen=True, kw_only=True):
    """The responsible unit reported that it is done; the inspecting unit has still to confirm it."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.recommendation.reported.v1"


class RecommendationConfirmed(RecommendationState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.recommendation.confirmed.v1"


class RecommendationReopened(RecommendationState, frozen=True, kw_only=True):
    """The report was not accepted, or what was confirmed turned out not to be done."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.recommendation.reopened.v1"


class RecommendationReassigned(RecommendationState, frozen=True, kw_only=True):
    """A unit ended, and by law another took its place: of the responsible unit, or of the inspecting one.

    `from_unit` was responsible until `from_until`, its last day, and `to_unit` is now; both may have one code. All are
    None where the inspecting unit alone passed on. What was late by then stays missed by the unit that ended.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.recommendation.reassigned.v1"

    from_unit: str | None = None
    from_until: date | None = None
    to_unit: str | None = None
