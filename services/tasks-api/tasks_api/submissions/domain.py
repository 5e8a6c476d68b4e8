"""Papers that the lead of a task submits to another unit for a decision. Pure: time is an argument."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import ConsultationStatus, SubmissionReturnReason, SubmissionStatus
from cchc_shared.contract.events import submission as events
from cchc_shared.contract.transitions import Change, Step
from tasks_api.consultations.domain import Consultation
from tasks_api.units.domain import Succession

MOST_CONSULTATIONS: Final = 200
MOST_MEETINGS: Final = 50


class Meeting(msgspec.Struct, frozen=True):
    """A direct meeting of the sender with other units, on a local day, and what came of it."""

    on: date
    participants: tuple[str, ...]
    result: str


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Papers with their whole state. `unit` submits to `to_unit`; `consultations` are those that belong to it."""

    id: int
    code: str
    task: str
    unit: str
    to_unit: str
    subject: str
    consultations: tuple[str, ...] = ()
    drafted_at: datetime
    status: SubmissionStatus = SubmissionStatus.DRAFT
    meetings: tuple[Meeting, ...] = ()
    sent_at: datetime | None = None
    return_reason: SubmissionReturnReason | None = None
    version: int = 1

    @property
    def own_matter(self) -> bool:
        """Whether it was returned because the sender is to decide: then it is not sent again."""
        return self.return_reason is SubmissionReturnReason.OWN_COMPETENCE


class Obstacles(NamedTuple):
    """What stands between papers and their sending."""

    open: Sequence[Consultation]
    disagreements: Sequence[Consultation]


def code_of(id_: int, year: int) -> str:
    """`HST-{year}-{id}`."""
    return f"HST-{year}-{id_:06d}"


def obstacles(papers: Submission, asked: Sequence[Consultation], now: datetime, calendar: WorkingCalendar) -> Obstacles:
    """The consultations that are open, and the disagreements that no direct meeting was held about.

    A meeting is about a disagreement when the unit took part, on the day of its answer or later (plan of 5/2024,
    II.1.4; Nghị định 191/2026/NĐ-CP, Điều 18). A late answer changes nothing, here neither.
    """
    current = [each.as_of(now) for each in asked if each.code in papers.consultations]
    return Obstacles(
        [each for each in current if each.status is ConsultationStatus.OPEN],
        [each for each in current if each.disagreements and not _met(papers, each, calendar)],
    )


def _met(papers: Submission, asked: Consultation, calendar: WorkingCalendar) -> bool:
    if asked.answer is None:
        return True
    answered_on = calendar.local_date(asked.answer.at)
    return any(asked.unit in meeting.participants and meeting.on >= answered_on for meeting in papers.meetings)


def draft(papers: Submission) -> Change[Submission]:
    """The first state."""
    return _change(papers, events.SubmissionDrafted)


def record_meeting(step: Step[Submission], meeting: Meeting) -> Change[Submission]:
    """A direct meeting was held."""
    after = replace(step.after, meetings=(*step.before.meetings, meeting))
    return _change(after, events.SubmissionMeetingRecorded, participants=meeting.participants)


def send(step: Step[Submission]) -> Change[Submission]:
    """The papers go to the receiver; what they were returned for is gone."""
    return _change(replace(step.after, sent_at=step.at, return_reason=None), events.SubmissionSent)


def return_(step: Step[Submission], reason: SubmissionReturnReason) -> Change[Submission]:
    """The receiver returns the papers."""
    return _change(replace(step.after, return_reason=reason), events.SubmissionReturned, reason=reason)


def approve(step: Step[Submission]) -> Change[Submission]:
    """The receiver decides as was proposed."""
    return _change(step.after, events.SubmissionApproved)


def inherit(step: Step[Submission], sender: Succession | None, receiver: Succession | None) -> Change[Submission]:
    """Units that ended are succeeded by law: the sender, the receiver, or both."""
    after = step.after
    if sender:
        after = replace(after, unit=sender.heir)
    if receiver:
        after = replace(after, to_unit=receiver.heir)
    return _change(after, events.SubmissionReassigned)


def _change(after: Submission, event: type[events.SubmissionState], **more: Any) -> Change[Submission]:
    return Change(after, event(**_state(after), **more))


def _state(papers: Submission) -> Mapping[str, Any]:
    return {
        "code": papers.code,
        "task": papers.task,
        "unit": papers.unit,
        "to_unit": papers.to_unit,
        "status": papers.status,
    }
