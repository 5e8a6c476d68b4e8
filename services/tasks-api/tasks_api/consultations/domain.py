"""A consultation: one unit is asked for its opinion on a task until a deadline. Pure: time is an argument.

What stands at any instant follows from what happened before it: at the deadline an open question lapses, whether or not
anybody has recorded it yet.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar, last_day_before
from cchc_shared.contract.codes import UNIT_STAFF, ConsultationReturnReason, ConsultationStatus, Opinion, Role
from cchc_shared.contract.events import consultation as events
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from tasks_api.consultations.rules import Kind
from tasks_api.notifications.domain import Addressee, Notification, NotificationKind, to_each
from tasks_api.units.domain import Succession

MOST_UNITS: Final = 200
MOST_CONTENTS: Final = 50


class OnContent(msgspec.Struct, frozen=True):
    """The opinion on one of the main contents."""

    content: str
    opinion: Opinion
    reason: str = ""


class Answer(msgspec.Struct, frozen=True):
    """What a unit answered, and when."""

    opinion: Opinion
    at: datetime
    content: str = ""
    per_content: tuple[OnContent, ...] = ()


class Consultation(msgspec.Struct, frozen=True, kw_only=True):
    """A question to one unit with its whole state.

    `unit` is asked. `due_at` is the first instant at which an answer is late. `deemed_consent` and `tell` are the rule
    of the kind as it was when the question was asked. `ended_at` is when it was answered, returned or withdrawn, or the
    deadline at which it lapsed. `answer` came in time, `late_answer` did not.
    """

    id: int
    code: str
    task: str
    asker: str
    unit: str
    kind: str
    deemed_consent: bool
    tell: str | None = None
    question: str
    relevance: str
    main_contents: tuple[str, ...] = ()
    asked_at: datetime
    due_at: datetime
    status: ConsultationStatus = ConsultationStatus.OPEN
    answer: Answer | None = None
    late_answer: Answer | None = None
    late_answered_at: datetime | None = None
    return_reason: ConsultationReturnReason | None = None
    ended_at: datetime | None = None
    version: int = 1

    @property
    def notice(self) -> str | None:
        """Number of the notice of deemed consent. It follows from the code: a question has one notice at most."""
        return f"{self.code}/TB" if self.status is ConsultationStatus.DEEMED_AGREED else None

    def lapsed(self, now: datetime) -> bool:
        """Whether the deadline passed before anything ended it, and that is not recorded yet."""
        return self.status is ConsultationStatus.OPEN and now >= self.due_at

    def as_of(self, now: datetime) -> "Consultation":
        """The state at this instant: the deadline needs nobody to record it."""
        return lapse(self).after if self.lapsed(now) else self

    @property
    def disagreements(self) -> tuple[str, ...]:
        """The main contents on which the unit disagrees; the question itself where it named none."""
        if self.answer is None or self.answer.opinion is not Opinion.DISAGREE:
            return ()
        named = tuple(each.content for each in self.answer.per_content if each.opinion is Opinion.DISAGREE)
        return named or self.main_contents or (self.question,)


def code_of(id_: int, year: int) -> str:
    """`LYK-{year}-{id}`."""
    return f"LYK-{year}-{id_:06d}"


def due_time(
    kind: Kind, asked_at: datetime, *, due_at: datetime | None, working_days: int | None, calendar: WorkingCalendar
) -> datetime:
    """When an answer is due: as given, or at the end of office hours of the n-th working day.

    Raises `RuleBroken` unless exactly one is given, and it lies in the window of the kind. Days count, not hours: a
    deadline at any time of the last day is in the window.
    """
    if (due_at is None) == (working_days is None):
        raise RuleBroken(
            "due_at", "cần đúng một trong due_at và working_days", "exactly one of due_at and working_days is needed"
        )
    least, most = kind.least_days.value, kind.most_days.value
    if due_at is None:
        if working_days is None or not least <= working_days <= most:
            raise _outside("working_days", least, most)
        return calendar.add_working_days(asked_at, working_days)
    try:
        day = last_day_before(due_at, calendar.timezone)
    except OverflowError as error:  # at either end of time
        raise _outside("due_at", least, most) from error
    first, last = (calendar.local_date(calendar.add_working_days(asked_at, days)) for days in (least, most))
    if not first <= day <= last:
        raise _outside("due_at", least, most)
    return due_at


def ask(asked: Consultation) -> Change[Consultation]:
    """The first state."""
    return _change(asked, events.ConsultationAsked)


def answer(step: Step[Consultation], given: Answer) -> Change[Consultation]:
    """The unit's opinion; after the deadline it is kept beside the result. Raises `RuleBroken`."""
    _check_answer(step.before, given)
    if step.before.status is ConsultationStatus.OPEN:
        return _change(replace(step.after, answer=given, ended_at=step.at), events.ConsultationAnswered)
    late = replace(step.after, late_answer=given, late_answered_at=step.at)
    return _change(late, events.ConsultationLateAnswered, late_answered_at=step.at, late_opinion=given.opinion)


def return_(step: Step[Consultation], reason: ConsultationReturnReason) -> Change[Consultation]:
    """The unit sends the question back."""
    after = replace(step.after, return_reason=reason, ended_at=step.at)
    return _change(after, events.ConsultationReturned, reason=reason)


def withdraw(step: Step[Consultation]) -> Change[Consultation]:
    """The asker needs no answer any more."""
    return _change(replace(step.after, ended_at=step.at), events.ConsultationWithdrawn)


def inherit(
    step: Step[Consultation], asked: Succession | None, asker: Succession | None, due_at: datetime
) -> Change[Consultation]:
    """Units that ended are succeeded by law: the one that is asked, the asker, or both. Who is asked now has until
    `due_at`, but never less than before."""
    after = step.after
    if asker:
        after = replace(after, asker=asker.heir)
    if asked is None:
        return _change(after, events.ConsultationReassigned)
    after = replace(after, unit=asked.heir, due_at=max(after.due_at, due_at))
    return _change(
        after, events.ConsultationReassigned, from_unit=asked.ended, from_until=asked.until, to_unit=asked.heir
    )


def lapse(before: Consultation) -> Change[Consultation]:
    """The deadline passes in silence: agreement, or none, as the kind says. It holds as of the deadline."""
    status = ConsultationStatus.DEEMED_AGREED if before.deemed_consent else ConsultationStatus.SILENT
    after = replace(before, status=status, ended_at=before.due_at, version=before.version + 1)
    if after.notice is not None:
        return _change(after, events.ConsultationDeemedConsent, notice=after.notice)
    return _change(after, events.ConsultationSilent, tell=after.tell)


def notifications_of(asked: Consultation, at: datetime, calendar: WorkingCalendar) -> list[Notification]:
    """Who is told of the question, or of the silence: of the latter the unit that is taken to agree, or by the rule of
    its kind (`tell`) the head of the unit that asked, which is the one-stop unit."""
    if asked.status is ConsultationStatus.OPEN:
        kind, to = NotificationKind.CONSULTATION_ASKED, [Addressee(asked.unit, role) for role in UNIT_STAFF]
    elif asked.status is ConsultationStatus.DEEMED_AGREED:
        kind, to = NotificationKind.CONSULTATION_DEEMED_AGREED, [Addressee(asked.unit, Role.UNIT_HEAD)]
    elif asked.status is ConsultationStatus.SILENT and asked.tell is not None:
        kind, to = NotificationKind.CONSULTATION_SILENT, [Addressee(asked.asker, Role.UNIT_HEAD)]
    else:
        return []
    return to_each(to, kind, asked.code, at, last_day_before(asked.due_at, calendar.timezone))


def _check_answer(asked: Consultation, given: Answer) -> None:
    if given.opinion is not Opinion.AGREE and not given.content:
        raise RuleBroken(
            "content",
            "phải nêu nội dung khi không đồng ý hoặc đề nghị sửa",
            "must say what is to change, or why the unit disagrees",
        )
    seen = set[str]()
    for index, each in enumerate(given.per_content):
        place = f"per_content.{index}"
        if each.content not in asked.main_contents or each.content in seen:
            raise RuleBroken(
                f"{place}.content",
                "phải là một nội dung chủ yếu của câu hỏi, mỗi nội dung một lần",
                "must be one of the main contents of the question, each once",
            )
        seen.add(each.content)
        if each.opinion is not Opinion.AGREE and not each.reason:
            raise RuleBroken(f"{place}.reason", "phải nêu lý do", "must give the reason")
    _check_whole(given.opinion, {each.opinion for each in given.per_content})


def _check_whole(opinion: Opinion, parts: Collection[Opinion]) -> None:
    """A clear opinion is no milder than its parts."""
    order = list(Opinion)
    if any(order.index(part) > order.index(opinion) for part in parts):
        raise RuleBroken(
            "opinion",
            "mâu thuẫn với ý kiến về từng nội dung",
            "contradicts the opinions on the contents",
        )


def _outside(field: str, least: int, most: int) -> RuleBroken:
    return RuleBroken(
        field,
        f"phải từ {least} đến {most} ngày làm việc kể từ ngày hỏi",
        f"must be {least} to {most} working days from the day of the question",
    )


def _change(after: Consultation, event: type[events.ConsultationState], **more: Any) -> Change[Consultation]:
    return Change(after, event(**_state(after), **more))


def _state(asked: Consultation) -> Mapping[str, Any]:
    return {
        "code": asked.code,
        "task": asked.task,
        "asker": asked.asker,
        "unit": asked.unit,
        "kind": asked.kind,
        "status": asked.status,
        "asked_at": asked.asked_at,
        "due_at": asked.due_at,
        "answered_at": asked.answer.at if asked.answer else None,
        "opinion": asked.answer.opinion if asked.answer else None,
    }
