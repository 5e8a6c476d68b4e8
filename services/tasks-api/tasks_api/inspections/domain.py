"""An inspection, the tree of its conclusions, and each recommendation. Pure: time and calendar are arguments."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import InspectionStatus, RecommendationStatus
from cchc_shared.contract.rules import RuleBroken


class InspectionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An inspection before it is planned. Both days are inclusive."""

    inspecting_unit: str
    inspected_unit: str
    subject: str
    unannounced: bool
    planned_from: date
    planned_to: date
    document_no: str = ""


class Inspection(InspectionDraft, frozen=True, kw_only=True):
    """An inspection with its whole state.

    `revealed_at` is the instant of its announcement or, unannounced, of its start: from then on the inspected unit may
    know of it. One that was cancelled before that is never revealed.
    """

    id: int
    code: str
    planned_at: datetime
    status: InspectionStatus = InspectionStatus.PLANNED
    revealed_at: datetime | None = None
    started_at: datetime | None = None
    conclusion_no: str | None = None
    concluded_at: datetime | None = None
    version: int = 1

    @property
    def unit(self) -> str:
        """The unit responsible for it now."""
        return self.inspecting_unit


class RecommendationDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be done. Unit and last day are those of its conclusion where it has none of its own."""

    number: int
    text: str
    responsible_unit: str | None = None
    due_on: date | None = None


class ConclusionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, with what has to be done about it. The unit is the inspected one where none is named."""

    number: int
    text: str
    responsible_unit: str | None = None
    due_on: date | None = None
    recommendations: tuple[RecommendationDraft, ...] = ()


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """A conclusion of an inspection. It is open while one of its recommendations is; nothing of that is stored."""

    inspection: str
    number: int
    text: str
    responsible_unit: str
    due_on: date | None


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """A recommendation with its whole state.

    `due_at` is the first instant at which it is late: the one after the local day `due_on`. `reported_at` is set while
    a report awaits confirmation; `done_at` is the instant of the report that was confirmed.
    """

    id: int
    code: str
    inspection: str
    conclusion: int
    number: int
    text: str
    responsible_unit: str
    inspecting_unit: str
    inspected_unit: str
    issued_at: datetime
    due_on: date
    due_at: datetime
    status: RecommendationStatus = RecommendationStatus.OPEN
    reported_at: datetime | None = None
    done_at: datetime | None = None
    version: int = 1

    @property
    def unit(self) -> str:
        """The unit responsible for it now."""
        return self.responsible_unit

    @property
    def of_the_inspecting_unit(self) -> bool:
        """Whether the inspecting unit is to carry it out itself."""
        return self.responsible_unit == self.inspecting_unit

    @property
    def open(self) -> bool:
        return self.status is not RecommendationStatus.DONE

    @property
    def done_late(self) -> bool:
        return self.done_at is not None and self.done_at >= self.due_at

    @property
    def awaiting_confirmation(self) -> bool:
        """Reported in time: neither overdue nor done, however long the confirmation takes."""
        return (
            self.status is RecommendationStatus.REPORTED
            and self.reported_at is not None
            and self.reported_at < self.due_at
        )

    def overdue(self, now: datetime) -> bool:
        """Open, and late."""
        return self.open and not self.awaiting_confirmation and now >= self.due_at


def is_open(recommendations: Collection[Recommendation]) -> bool:
    """Whether a conclusion with these recommendations is open. Without any, nothing is left to do."""
    return any(each.open for each in recommendations)


class Tree(NamedTuple):
    """The conclusions of one inspection, and all their recommendations."""

    conclusions: Sequence[Conclusion]
    recommendations: Sequence[Recommendation]

    def below(self, conclusion: Conclusion) -> list[Recommendation]:
        return [each for each in self.recommendations if each.conclusion == conclusion.number]


def concluded(
    inspection: Inspection,
    drafts: Sequence[ConclusionDraft],
    ids: Iterator[int],
    at: datetime,
    calendar: WorkingCalendar,
) -> Tree:
    """The tree of an inspection that is concluded at that instant. Raises `RuleBroken` at the faulty field."""
    _check_numbers("conclusions", [each.number for each in drafts])
    conclusions, recommendations = [], []
    for index, draft in enumerate(drafts):
        place = f"conclusions.{index}"
        _check_conclusion(place, draft, calendar.local_date(at))
        conclusion = Conclusion(
            inspection=inspection.code,
            number=draft.number,
            text=draft.text,
            responsible_unit=draft.responsible_unit or inspection.inspected_unit,
            due_on=draft.due_on,
        )
        conclusions.append(conclusion)
        for below, each in enumerate(draft.recommendations):
            due_on = _due_on(f"{place}.recommendations.{below}", each, draft, calendar.local_date(at))
            recommendations.append(
                Recommendation(
                    id=next(ids),
                    code=f"{inspection.code}.{draft.number}.{each.number}",
                    inspection=inspection.code,
                    conclusion=draft.number,
                    number=each.number,
                    text=each.text,
                    responsible_unit=each.responsible_unit or conclusion.responsible_unit,
                    inspecting_unit=inspection.inspecting_unit,
                    inspected_unit=inspection.inspected_unit,
                    issued_at=at,
                    due_on=due_on,
                    due_at=calendar.end_of_day(due_on),
                )
            )
    return Tree(conclusions, recommendations)


def named_units(drafts: Sequence[ConclusionDraft]) -> Iterator[tuple[str, str]]:
    """Each unit that the conclusions name, with the field that names it."""
    for index, draft in enumerate(drafts):
        if draft.responsible_unit:
            yield f"conclusions.{index}.responsible_unit", draft.responsible_unit
        for below, each in enumerate(draft.recommendations):
            if each.responsible_unit:
                yield f"conclusions.{index}.recommendations.{below}.responsible_unit", each.responsible_unit


def _check_conclusion(place: str, draft: ConclusionDraft, today: date) -> None:
    _check_numbers(f"{place}.recommendations", [each.number for each in draft.recommendations])
    if draft.due_on is None:
        return
    _check_not_past(f"{place}.due_on", draft.due_on, today)
    if not draft.recommendations:
        raise RuleBroken(
            f"{place}.due_on",
            "kết luận có thời hạn phải có kiến nghị nêu việc phải làm",
            "a conclusion with a last day needs a recommendation that says what is to be done",
        )


def _due_on(place: str, draft: RecommendationDraft, above: ConclusionDraft, today: date) -> date:
    due_on = draft.due_on or above.due_on
    if due_on is None:
        raise RuleBroken(
            f"{place}.due_on", "kiến nghị hoặc kết luận của nó phải có thời hạn", "is needed here or in its conclusion"
        )
    _check_not_past(f"{place}.due_on", due_on, today)
    if above.due_on and due_on > above.due_on:
        raise RuleBroken(
            f"{place}.due_on",
            f"phải trong thời hạn của kết luận ({above.due_on})",
            f"must be within the time of its conclusion ({above.due_on})",
        )
    return due_on


def _check_not_past(field: str, due_on: date, today: date) -> None:
    if due_on < today:
        raise RuleBroken(field, f"trước ngày kết luận ({today})", f"lies before the day of the conclusion ({today})")


def _check_numbers(place: str, numbers: Sequence[int]) -> None:
    seen: set[int] = set()
    for index, number in enumerate(numbers):
        if number in seen:
            raise RuleBroken(f"{place}.{index}.number", "trùng số", "stands here twice")
        seen.add(number)
