"""A report: how it stands, who answers for it, and the time it has. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from cchc_shared.contract.codes import Channel, FeedbackClock, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import FeedbackState
from feedback_api.deadlines.domain import Deadlines, Extension, Pause, Timing
from feedback_api.rulebook import Matter, NoRuleInForce

ENDED: Final = (
    FeedbackStatus.ANSWERED,
    FeedbackStatus.PUBLISHED,
    FeedbackStatus.RATED,
    FeedbackStatus.CLOSED,
    FeedbackStatus.REFUSED,
    FeedbackStatus.DUPLICATE,
)
"""In these nobody works on a report; one that is reopened has left them."""


FOUND_NONE: Final = (FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE)


class Erased(StrEnum):
    """How much of a report is erased: who sent it, or its words as well."""

    CONTACT = "contact"
    TEXT = "text"


class Reminder(msgspec.Struct, frozen=True):
    """That the time of a clock is nearly over, or over."""

    clock: FeedbackClock
    due_at: datetime
    overdue: bool


class Reminded(Reminder, frozen=True):
    """That it was said, of which unit, and as of when."""

    unit: str
    at: datetime


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was received. Each field is a column of the table `feedback`."""

    channel: Channel
    channel_owner: str
    """Whose ids of the channel these are: the channel's own when empty, else those of one sender."""
    channel_ref: str | None = None
    kind: FeedbackKind
    category: str | None = None
    severity: Severity
    wished_severity: Severity | None = None
    """What a sender asked for who may not decide it."""
    title: str | None = None
    content: str
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    unit: str
    held_by: str | None = None
    """The desk, which answers for it until it is assigned; None where `unit` does."""
    routing: Mapping[str, Any]
    """Why the report went to its first unit."""
    submitted_by: str | None = None
    """The subject of the sender's token, which names nobody."""
    reply_to: str | None = None
    """The report that its channel says this one answers."""
    secret_digest: bytes
    fingerprint: bytes | None = None
    """What tells a repetition under one channel's id from other words under it."""
    form: Mapping[str, Any] | None = None
    """What the form of its channel held beyond what every report has; for officials."""
    received_at: datetime
    recorded_at: datetime
    accept_due_at: datetime
    resolve_due_at: datetime
    part_of: str | None = None
    """The report that this is one unit's part of."""
    remind_at: datetime | None = None
    """When the next of its clocks is nearly over, or over; None when none runs."""


class Feedback(Submission, frozen=True, kw_only=True):
    """A report as it stands: a row of the table `feedback`. `version` counts its events and is its ETag.

    `accept_due_at` and `resolve_due_at` are what its sender was promised. Who was handed it has due times of its own,
    from `held_since` on; while that is None, the sender's are the holder's.
    """

    code: str
    version: int = 1
    status: FeedbackStatus = FeedbackStatus.RECEIVED
    former_units: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    transferred_at: datetime | None = None
    answered_at: datetime | None = None
    published_at: datetime | None = None
    reopened_at: datetime | None = None
    ended_at: datetime | None = None
    """When it was refused, or found to be a duplicate: no answer is due any more."""
    held_since: datetime | None = None
    own_accept_due_at: datetime | None = None
    own_accepted_at: datetime | None = None
    own_resolve_due_at: datetime | None = None
    reminded: tuple[Reminded, ...] = ()
    """What was said of its due times, in order."""
    paused_since: datetime | None = None
    """Its clocks stand still since then: the sender was asked for more information."""
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    handovers: int = 0
    unjustified: tuple[int, ...] = ()
    """Versions at which it was handed over without right, as the desk judged."""
    reopenings: int = 0
    clock_kind: FeedbackKind | None = None
    clock_severity: Severity | None = None
    """By which its clocks go on counting, where it was classified otherwise when it was late already."""
    answer: str | None = None
    outcome: str | None = None
    satisfied: bool | None = None
    refusal: str | None = None
    duplicate_of: str | None = None
    task: str | None = None
    """The task that a voters' petition became: its holder's duty to answer is the task from then on."""
    followers: int = 0
    """How many beside its sender want to know what becomes of it. It is no part of the version."""
    erased: Erased | None = None

    @property
    def matter(self) -> Matter:
        """What the rules ask of it."""
        return Matter(self.channel, self.clock_kind or self.kind, self.clock_severity or self.severity)

    @property
    def holder(self) -> str:
        """The unit that answers for it now."""
        return self.held_by or self.unit

    @property
    def is_in_the_open(self) -> bool:
        """Whether everyone may know that it is there: what is seen on the spot, and what is published.

        Its words and its exact place are another matter. In the database it is
        `repository.IN_THE_OPEN`.
        """
        if self.part_of is not None or self.erased is Erased.TEXT or self.status in FOUND_NONE:
            return False
        return self.is_public or self.kind is FeedbackKind.ON_SITE

    @property
    def is_public(self) -> bool:
        """Whether its answer is there for everyone; one that is opened again is not."""
        return self.published_at is not None or self.status is FeedbackStatus.PUBLISHED

    @property
    def timing(self) -> Timing:
        """What its deadlines depend on."""
        return Timing(
            self.matter,
            self.received_at,
            self.accepted_at,
            self.transferred_at,
            self.reopened_at,
            self.held_since,
            self.own_accepted_at,
            self.pauses,
            self.extension,
        )

    def is_missed(self, at: datetime) -> bool:
        """Whether its holder has not answered in its own time by then."""
        if self.answered_at is not None or self.ended_at is not None or self.task is not None:
            return False
        due_at = self.own_resolve_due_at or self.resolve_due_at
        return due_at <= (at if self.paused_since is None else self.paused_since)


def due_times(report: Feedback) -> Iterator[tuple[FeedbackClock, datetime]]:
    """The due times of the clocks that have not stopped; those that stand still are not reached unless they were."""
    if report.answered_at is not None or report.ended_at is not None:
        return
    own = report.held_since is not None
    due: dict[FeedbackClock, datetime | None] = {}
    if (report.own_accepted_at if own else report.accepted_at) is None:
        due[FeedbackClock.ACCEPTANCE] = report.own_accept_due_at if own else report.accept_due_at
    if report.task is None:
        due[FeedbackClock.RESOLUTION] = report.own_resolve_due_at if own else report.resolve_due_at
    if own or report.task is not None:
        due[FeedbackClock.PROMISE] = report.resolve_due_at
    for clock, due_at in due.items():
        if due_at is not None and (report.paused_since is None or due_at <= report.paused_since):
            yield clock, due_at


def missed_by(before: Feedback, after: Feedback, at: datetime) -> str | None:
    """The unit whose duty to answer ended unmet with this change: it was late when it passed on, or when it was ended.

    So it stays missed, whatever becomes of the report.
    """
    ended = after.held_since != before.held_since or after.ended_at is not None or after.task is not None
    return before.holder if ended and before.is_missed(at) else None


def with_due_times(feedback: Feedback, deadlines: Deadlines) -> Feedback:
    """The same with the due times that the documents of today give it. Raises `NoRuleInForce`.

    A clock that has stopped keeps its own.
    """
    due = msgspec.structs.asdict(deadlines.of(feedback.timing))
    if feedback.accepted_at is not None:
        del due["accept_due_at"]
    if feedback.own_accepted_at is not None:
        del due["own_accept_due_at"]
    if feedback.answered_at is not None or feedback.ended_at is not None:
        due = {}
    return replace(feedback, **due)


def is_provisional(feedback: Feedback, deadlines: Deadlines) -> bool:
    """Whether a day off that is still to be decided may move the due time of a clock that has not stopped."""
    if feedback.answered_at is not None or feedback.ended_at is not None:
        return False
    timing = feedback.timing
    if feedback.accepted_at is None and deadlines.is_provisional(timing, timing.began_at, feedback.accept_due_at):
        return True
    try:
        started_at, _ = deadlines.resolution_starts(timing)
    except NoRuleInForce:  # the documents speak of its day no more
        started_at = None
    return deadlines.is_provisional(timing, started_at, feedback.resolve_due_at)


def seen_outside(status: FeedbackStatus) -> FeedbackStatus:
    """The status as everyone may see it: that an answer is drafted is nobody's business outside."""
    return FeedbackStatus.IN_PROGRESS if status is FeedbackStatus.ANSWER_DRAFTED else status


def state(feedback: Feedback) -> dict[str, Any]:
    """The fields that every event of the report carries: codes, units and instants, no text."""
    return {name: getattr(feedback, name) for name in FeedbackState.__struct_fields__}
