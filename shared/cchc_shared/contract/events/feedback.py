"""Events of a citizen's report (PAKN). Each carries the report's state after the fact, and nothing of its text."""

from typing import ClassVar

from cchc_shared.contract.codes import (
    Channel,
    FeedbackClock,
    FeedbackKind,
    FeedbackReturnReason,
    FeedbackStatus,
    Severity,
)
from cchc_shared.contract.events.envelope import EventData, Instant


class FeedbackState(EventData, frozen=True, kw_only=True, omit_defaults=True):
    """State of the report after the event: its unit, status, the two clocks of its sender, and those of its holder.

    Due times are the first instants at which acceptance and answer are late. `accept_due_at` and `resolve_due_at` are
    what the sender was promised. A unit that others handed the report to has clocks of its own from `held_since` on;
    while `held_since` is absent, the sender's are the holder's.
    """

    AGGREGATE: ClassVar[str] = "feedback"
    TOPIC: ClassVar[str] = "feedback"

    code: str
    channel: Channel
    kind: FeedbackKind
    severity: Severity
    status: FeedbackStatus
    unit: str
    received_at: Instant
    accept_due_at: Instant
    resolve_due_at: Instant
    category: str | None = None
    accepted_at: Instant | None = None
    answered_at: Instant | None = None
    handovers: int = 0
    held_by: str | None = None
    """The unit that answers for it while `unit` does not hold it: the desk, until it is assigned."""
    held_since: Instant | None = None
    own_accept_due_at: Instant | None = None
    own_accepted_at: Instant | None = None
    own_resolve_due_at: Instant | None = None
    paused_since: Instant | None = None
    """Its clocks stand still from then on: the sender was asked for more information."""
    part_of: str | None = None
    """The report that this is one unit's part of. A part is nobody's report: it counts only for the unit."""
    task: str | None = None
    """The task that a voters' petition became: its unit's duty to answer is the task from then on."""


class FeedbackReceived(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.received.v1"


class FeedbackAssigned(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.assigned.v1"


class FeedbackAccepted(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.accepted.v1"


class FeedbackClassified(FeedbackState, frozen=True, kw_only=True):
    """The desk or channel software said of what kind, category and severity it is."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.classified.v1"


class FeedbackReturned(FeedbackState, frozen=True, kw_only=True):
    """The unit returned the report to the co-ordinating desk. This counts as a hand-over by `from_unit`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.returned.v1"

    from_unit: str
    to_unit: str
    reason: FeedbackReturnReason


class FeedbackTransferred(FeedbackState, frozen=True, kw_only=True):
    """It passed to another unit. This counts as a hand-over by `from_unit`, unless the desk moved it."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.transferred.v1"

    from_unit: str
    to_unit: str
    by_desk: bool = False


class FeedbackHandoverJudged(FeedbackState, frozen=True, kw_only=True):
    """The desk judged that a unit had no right to hand the report over, or withdrew that.

    `handover` is the version of the event of that hand-over, by `from_unit` at `handed_over_at`; `withdraws`, that of
    the judgement which is withdrawn.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.handover_judged.v1"

    handover: int
    from_unit: str
    handed_over_at: Instant
    unjustified: bool
    withdraws: int | None = None


class FeedbackSupplementRequested(FeedbackState, frozen=True, kw_only=True):
    """The sender was asked for more information: the clocks stand still."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.supplement_requested.v1"


class FeedbackSupplemented(FeedbackState, frozen=True, kw_only=True):
    """The sender gave more information, or the officials go on without: the clocks go on."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.supplemented.v1"


class FeedbackExtended(FeedbackState, frozen=True, kw_only=True):
    """The one extension of the time for an answer."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.extended.v1"


class FeedbackAnswerDrafted(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.answer_drafted.v1"


class FeedbackAnswerRejected(FeedbackState, frozen=True, kw_only=True):
    """The head sent the draft of the answer back."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.answer_rejected.v1"


class FeedbackAnswerApproved(FeedbackState, frozen=True, kw_only=True):
    """The head approved the answer: the report is resolved at `answered_at`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.answer_approved.v1"


class FeedbackRecounted(FeedbackState, frozen=True, kw_only=True):
    """Its due times were counted anew, because the working calendar or a limit changed."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.recounted.v1"


class FeedbackPublished(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.published.v1"


class FeedbackRated(FeedbackState, frozen=True, kw_only=True):
    """The sender said whether they are satisfied with the answer."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.rated.v1"

    satisfied: bool


class FeedbackReopened(FeedbackState, frozen=True, kw_only=True):
    """The answer was not accepted: the work and its clocks begin anew."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.reopened.v1"


class FeedbackClosed(FeedbackState, frozen=True, kw_only=True):
    """It ended with an outcome and an explanation."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.closed.v1"


class FeedbackRefused(FeedbackState, frozen=True, kw_only=True):
    """It is outside what reports are for; `refusal` is a code of the city's list."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.refused.v1"

    refusal: str


class FeedbackSplit(FeedbackState, frozen=True, kw_only=True):
    """Several units do their parts of it; `parts` are new. Its own unit gives the sender one answer."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.split.v1"

    parts: tuple[str, ...]


class FeedbackPartOpened(FeedbackState, frozen=True, kw_only=True):
    """A part of the report `part_of` was given to a unit. The first event of the part."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.part_opened.v1"


class FeedbackBecameTask(FeedbackState, frozen=True, kw_only=True):
    """A voters' petition became the task `task`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.became_task.v1"


class FeedbackMerged(FeedbackState, frozen=True, kw_only=True):
    """Others that tell the same were found; each of `duplicates` has an event of its own."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.merged.v1"

    duplicates: tuple[str, ...]


class FeedbackMarkedDuplicate(FeedbackState, frozen=True, kw_only=True):
    """It tells what the report `duplicate_of` told before."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.marked_duplicate.v1"

    duplicate_of: str


class FeedbackNoted(FeedbackState, frozen=True, kw_only=True):
    """An official or its sender added a note, which changes nothing else."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.noted.v1"


class FeedbackReminder(EventData, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of a report's due times. It changes nothing of the report, so it counts its events by itself.

    `unit` answers for the report then. `promise` is the answer that the sender was promised, where the unit has time of
    its own; the other clocks are the unit's. Each event comes once for each due time.
    """

    AGGREGATE: ClassVar[str] = "feedback_reminder"
    TOPIC: ClassVar[str] = "feedback"

    code: str
    unit: str
    channel: Channel
    kind: FeedbackKind
    severity: Severity
    clock: FeedbackClock
    due_at: Instant
    category: str | None = None
    part_of: str | None = None


class FeedbackDueSoon(FeedbackReminder, frozen=True, kw_only=True):
    """The time of a clock is nearly over."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback_reminder.due_soon.v1"


class FeedbackOverdue(FeedbackReminder, frozen=True, kw_only=True):
    """The due time of a clock was reached. It happened then, however late it is recorded."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback_reminder.overdue.v1"
