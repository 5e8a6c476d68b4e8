"""Events of a consultation: one unit is asked for its opinion. Each carries the state after the fact, and no words."""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.codes import ConsultationReturnReason, ConsultationStatus, Opinion
from cchc_shared.contract.events.envelope import EventData, Instant


class ConsultationState(EventData, frozen=True, kw_only=True):
    """State after the event.

    `unit` is asked, `asker` asks. `due_at` is the first instant at which an answer is late. `answered_at` and `opinion`
    are of the answer in time: a late one changes neither.
    """

    AGGREGATE: ClassVar[str] = "consultation"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    task: str
    asker: str
    unit: str
    kind: str
    status: ConsultationStatus
    asked_at: Instant
    due_at: Instant
    answered_at: Instant | None = None
    opinion: Opinion | None = None


class ConsultationAsked(ConsultationState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.asked.v1"


class ConsultationAnswered(ConsultationState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.answered.v1"


class ConsultationReturned(ConsultationState, frozen=True, kw_only=True):
    """The unit sent the question back in time. It costs the unit nothing, and counts as needless for the asker."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.returned.v1"

    reason: ConsultationReturnReason


class ConsultationWithdrawn(ConsultationState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.withdrawn.v1"


class ConsultationDeemedConsent(ConsultationState, frozen=True, kw_only=True):
    """The deadline passed in silence, which is agreement. It occurred at the deadline, whenever it was recorded."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.deemed_consent.v1"

    notice: str
    """Number of the written notice to the unit."""


class ConsultationSilent(ConsultationState, frozen=True, kw_only=True):
    """The deadline passed in silence, which says nothing. It occurred at the deadline, whenever it was recorded."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.silent.v1"

    tell: str | None = None
    """Who is to be told, by the rules of the kind: `one_stop_head` is the head of the asker's one-stop unit."""


class ConsultationLateAnswered(ConsultationState, frozen=True, kw_only=True):
    """An answer came after the deadline. It is kept, and changes nothing."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.late_answered.v1"

    late_answered_at: Instant
    late_opinion: Opinion


class ConsultationReassigned(ConsultationState, frozen=True, kw_only=True):
    """A unit ended, and by law another took its place: of the unit that is asked, or of the asker.

    `from_unit` was asked until `from_until`, its last day, and `to_unit` is now; both may have one code. All are None
    where the asker alone passed on.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.consultation.reassigned.v1"

    from_unit: str | None = None
    from_until: date | None = None
    to_unit: str | None = None
