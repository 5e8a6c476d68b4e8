"""What each action makes of a report, and the event that says so: pure functions of the step and of what was given."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from cchc_shared.contract.codes import FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import (
    FeedbackAccepted,
    FeedbackAnswerApproved,
    FeedbackAnswerDrafted,
    FeedbackAnswerRejected,
    FeedbackAssigned,
    FeedbackBecameTask,
    FeedbackClassified,
    FeedbackClosed,
    FeedbackExtended,
    FeedbackHandoverJudged,
    FeedbackMarkedDuplicate,
    FeedbackMerged,
    FeedbackNoted,
    FeedbackPartOpened,
    FeedbackPublished,
    FeedbackRated,
    FeedbackRefused,
    FeedbackReopened,
    FeedbackReturned,
    FeedbackSplit,
    FeedbackSupplemented,
    FeedbackSupplementRequested,
    FeedbackTransferred,
)
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from feedback_api.deadlines.domain import Deadlines, DueTimes, Extension, Pause
from feedback_api.reports.domain import Feedback, state, with_due_times


class Handover(msgspec.Struct, frozen=True):
    """A hand-over of the report by a unit; `judged_by` is the version of the judgement against it that stands."""

    version: int
    unit: str
    at: datetime
    judged_by: int | None


def classify(
    step: Step[Feedback], deadlines: Deadlines, kind: FeedbackKind, category: str | None, severity: Severity
) -> Change[Feedback]:
    """The desk says what the report is about. Where that would make good what was missed by then, the clocks go on."""
    before = step.before
    after = replace(step.after, kind=kind, category=category, severity=severity, clock_kind=None, clock_severity=None)
    counted = with_due_times(after, deadlines)
    if any(_is_pardoned(name, before, counted, step.at) for name in DueTimes.__struct_fields__):
        _, clock_kind, clock_severity = before.matter
        counted = replace(after, clock_kind=clock_kind, clock_severity=clock_severity)
    details = {
        name: {"from": getattr(before, name), "to": getattr(counted, name)}
        for name in ("kind", "category", "severity")
        if getattr(before, name) != getattr(counted, name)
    }
    return Change(counted, FeedbackClassified(**state(counted)), details=details)


def assign(step: Step[Feedback], unit: str, deadlines: Deadlines) -> Change[Feedback]:
    """The desk gives the report to a unit."""
    after = _handed(step.after, unit, step.at, deadlines)
    return Change(after, FeedbackAssigned(**state(after)))


def accept(step: Step[Feedback], deadlines: Deadlines) -> Change[Feedback]:
    """The unit takes the report on. Of the sender's clocks only the first acceptance stops one."""
    after = replace(step.after, own_accepted_at=step.at, accepted_at=step.after.accepted_at or step.at)
    after = with_due_times(after, deadlines)
    return Change(after, FeedbackAccepted(**state(after)))


def return_to_desk(
    step: Step[Feedback], desk: str, reason: FeedbackReturnReason, deadlines: Deadlines
) -> Change[Feedback]:
    """The unit returns the report to the desk: a hand-over."""
    after = _handed(replace(step.after, handovers=step.before.handovers + 1), desk, step.at, deadlines)
    event = FeedbackReturned(**state(after), from_unit=step.before.unit, to_unit=desk, reason=reason)
    return Change(after, event, note=reason)


def transfer(step: Step[Feedback], unit: str, reason: str, deadlines: Deadlines, *, by_desk: bool) -> Change[Feedback]:
    """The report passes to another unit; the former one goes on reading it. A hand-over, unless the desk moved it."""
    handovers = step.before.handovers + (0 if by_desk else 1)
    after = _handed(replace(step.after, handovers=handovers, transferred_at=step.at), unit, step.at, deadlines)
    event = FeedbackTransferred(**state(after), from_unit=step.before.unit, to_unit=unit, by_desk=by_desk)
    return Change(after, event, note=reason)


def judge_handover(step: Step[Feedback], handover: Handover, reason: str) -> Change[Feedback]:
    """The desk judges that a unit handed the report over without right, or withdraws that."""
    unjustified = handover.judged_by is None
    others = tuple(each for each in step.after.unjustified if each != handover.version)
    after = replace(step.after, unjustified=tuple(sorted((*others, handover.version))) if unjustified else others)
    event = FeedbackHandoverJudged(
        **state(after),
        handover=handover.version,
        from_unit=handover.unit,
        handed_over_at=handover.at,
        unjustified=unjustified,
        withdraws=handover.judged_by,
    )
    details = {"handover": handover.version, "from_unit": handover.unit, "unjustified": unjustified, "reason": reason}
    return Change(after, event, details=details)


def ask_supplement(step: Step[Feedback], question: str) -> Change[Feedback]:
    """The sender is asked for more information: the clocks stand still."""
    after = replace(step.after, paused_since=step.at)
    return Change(after, FeedbackSupplementRequested(**state(after)), note=question)


def supplement(step: Step[Feedback], text: str, deadlines: Deadlines) -> Change[Feedback]:
    """The information came, or the officials go on without: the clocks go on."""
    after = with_due_times(_resumed(step.after, step.at), deadlines)
    return Change(after, FeedbackSupplemented(**state(after)), note=text)


def extend(step: Step[Feedback], days: int, reason: str, deadlines: Deadlines) -> Change[Feedback]:
    """More time for the answer, once and before it is late. Raises `RuleBroken`."""
    if step.before.is_missed(step.at) or step.before.resolve_due_at <= step.at:
        raise RuleBroken("days", "đã quá hạn, không gia hạn được nữa", "come too late: the time is over")
    after = with_due_times(replace(step.after, extension=Extension(step.at, days)), deadlines)
    details = {"days": days, "former_resolve_due_at": step.before.resolve_due_at.isoformat()}
    return Change(after, FeedbackExtended(**state(after)), note=reason, details=details)


def draft_answer(step: Step[Feedback], answer: str, outcome: str) -> Change[Feedback]:
    """The unit proposes an answer with its outcome. A later draft replaces it; the history keeps each."""
    after = replace(step.after, answer=answer, outcome=outcome)
    return Change(after, FeedbackAnswerDrafted(**state(after)), details={"outcome": outcome, "answer": answer})


def reject_answer(step: Step[Feedback], reason: str) -> Change[Feedback]:
    """The head sends the draft back."""
    return Change(step.after, FeedbackAnswerRejected(**state(step.after)), details={"reason": reason})


def approve_answer(step: Step[Feedback]) -> Change[Feedback]:
    """The head of the unit approves: the report is resolved, and the citizen may read the answer."""
    after = replace(step.after, answered_at=step.at)
    return Change(after, FeedbackAnswerApproved(**state(after)))


def publish(step: Step[Feedback]) -> Change[Feedback]:
    """The answer may be shown to everyone."""
    after = replace(step.after, published_at=step.at)
    return Change(after, FeedbackPublished(**state(after)))


def rate(step: Step[Feedback], satisfied: bool, comment: str | None) -> Change[Feedback]:
    """The sender says whether they are satisfied."""
    after = replace(step.after, satisfied=satisfied)
    details = {"satisfied": satisfied}
    return Change(after, FeedbackRated(**state(after), satisfied=satisfied), note=comment, details=details)


def reopen(step: Step[Feedback], reason: str, deadlines: Deadlines) -> Change[Feedback]:
    """The answer, or the refusal, is not accepted: the same unit begins anew, with new clocks."""
    after = replace(
        step.after,
        reopened_at=step.at,
        reopenings=step.before.reopenings + 1,
        task=None,
        accepted_at=None,
        answered_at=None,
        ended_at=None,
        published_at=None,
        held_since=step.at,
        own_accepted_at=None,
        extension=None,
        satisfied=None,
        refusal=None,
        duplicate_of=None,
    )
    after = with_due_times(after, deadlines)
    return Change(after, FeedbackReopened(**state(after)), note=reason)


def close(step: Step[Feedback], outcome: str, explanation: str) -> Change[Feedback]:
    """The work is over, with an outcome and an explanation."""
    after = replace(step.after, outcome=outcome)
    return Change(after, FeedbackClosed(**state(after)), note=explanation, details={"outcome": outcome})


def refuse(step: Step[Feedback], refusal: str, told: str) -> Change[Feedback]:
    """Not what reports are for. The sender is told why, and where to go."""
    after = replace(_resumed(step.after, step.at), ended_at=step.at, refusal=refusal)
    event = FeedbackRefused(**state(after), refusal=refusal)
    return Change(after, event, note=told, details={"refusal": refusal})


def mark_duplicate(step: Step[Feedback], original: str) -> Change[Feedback]:
    """It tells what another report told before; its sender follows that one."""
    after = replace(_resumed(step.after, step.at), ended_at=step.at, duplicate_of=original)
    event = FeedbackMarkedDuplicate(**state(after), duplicate_of=original)
    return Change(after, event, details={"duplicate_of": original})


def merge(step: Step[Feedback], duplicates: tuple[str, ...]) -> Change[Feedback]:
    """Others that tell the same were found: they end as duplicates of this one."""
    event = FeedbackMerged(**state(step.after), duplicates=duplicates)
    return Change(step.after, event, details={"duplicates": list(duplicates)})


def become_task(step: Step[Feedback], task: str) -> Change[Feedback]:
    """A voters' petition became a task."""
    after = replace(step.after, task=task)
    return Change(after, FeedbackBecameTask(**state(after)), details={"task": task})


def split(step: Step[Feedback], parts: tuple[Feedback, ...]) -> Change[Feedback]:
    """Other units do their parts, and read the whole; who has it goes on answering for it."""
    readers = (*step.after.former_units, *(part.unit for part in parts if part.unit != step.after.unit))
    after = replace(step.after, former_units=tuple(dict.fromkeys(readers)))
    details = {"parts": [{"code": part.code, "unit": part.unit} for part in parts]}
    return Change(after, FeedbackSplit(**state(after), parts=tuple(part.code for part in parts)), details=details)


def open_part(whole: Feedback, number: int, unit: str, task: str, at: datetime, deadlines: Deadlines) -> Feedback:
    """A unit's part of a report, with time of its own by the same limits."""
    part = Feedback(
        code=f"{whole.code}-{number}",
        channel=whole.channel,
        channel_owner="",
        kind=whole.kind,
        category=whole.category,
        severity=whole.severity,
        title=whole.title,
        content=task,
        unit=unit,
        routing={"by": "split", "part_of": whole.code},
        status=FeedbackStatus.ASSIGNED,
        secret_digest=b"",  # nobody sent it
        received_at=at,
        recorded_at=at,
        accept_due_at=at,
        resolve_due_at=at,
        part_of=whole.code,
        clock_kind=whole.clock_kind,
        clock_severity=whole.clock_severity,
    )
    return with_due_times(part, deadlines)


def part_opened(part: Feedback) -> Change[Feedback]:
    """The first change of a part."""
    return Change(part, FeedbackPartOpened(**state(part)), details={"part_of": part.part_of})


def add_note(step: Step[Feedback], text: str, *, public: bool) -> Change[Feedback]:
    """A note of an official, for colleagues or also for the sender."""
    note, details = (text, {}) if public else (None, {"note": text})
    return Change(step.after, FeedbackNoted(**state(step.after)), note=note, details=details)


def _is_pardoned(name: str, before: Feedback, after: Feedback, at: datetime) -> bool:
    """Whether a due time that was missed by then would not be any more."""
    due_at, then = getattr(before, name), getattr(after, name)
    return due_at is not None and due_at <= at and then != due_at and then > at


def _handed(feedback: Feedback, unit: str, at: datetime, deadlines: Deadlines) -> Feedback:
    """With its new holder, who has time of its own from now on."""
    former = feedback.former_units
    if unit != feedback.unit:
        former = tuple(dict.fromkeys((*former, feedback.unit)))
    moved = replace(
        feedback,
        unit=unit,
        former_units=former,
        held_by=None,
        held_since=at,
        own_accepted_at=None,
    )
    return with_due_times(moved, deadlines)


def _resumed(feedback: Feedback, at: datetime) -> Feedback:
    if feedback.paused_since is None:
        return feedback
    return replace(feedback, paused_since=None, pauses=(*feedback.pauses, Pause(feedback.paused_since, at)))
