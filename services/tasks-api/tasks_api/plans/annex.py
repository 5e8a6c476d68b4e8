"""Turns rows of an annex into tasks: leads, helpers, deadline. A doubt is said; one about who leads parks the row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from msgspec.structs import replace

from cchc_shared.contract.provenance import Text
from tasks_api.annexes.domain import AnnexDocument, AnnexRow
from tasks_api.deadlines.domain import Deadline
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.findings import Finding
from tasks_api.naming.domain import Named, Role, not_known
from tasks_api.naming.reader import UnitReader
from tasks_api.plans.domain import Answers, Doubt, PlanRow, ReadPlan, ReadRow, RowState, key_of
from tasks_api.tasks.domain import MOST_COORDINATING, TaskDraft, schedule_of
from tasks_api.units.domain import UnitIndex, is_within

LONGEST = {"title": 2000, "product": 2000, "source": 2000, "due_text": 500}
"""Characters that a task has of each; the row keeps the whole."""
_UNIT_FIELDS = ("lead_unit", "coordinating_units")


@dataclass(frozen=True)
class AnnexReader:
    """Reads rows of a document that was issued on the day of the index and of the reader of units.

    `own` is the unit for which alone it may assign; None for all.
    """

    unit_index: UnitIndex
    unit_reader: UnitReader
    deadlines: DeadlineReader
    answers: Answers
    own: str | None = None

    def read(self, document: AnnexDocument) -> ReadPlan:
        """The tasks of a document, row by row."""
        numbers = running_numbers([row.number for row in document.rows])
        return ReadPlan(
            rows=tuple(self._row(row, number) for row, number in zip(document.rows, numbers, strict=True)),
            columns=document.columns,
            questions=document.questions,
            findings=document.findings,
            passed_over=document.passed_over,
        )

    def _row(self, row: AnnexRow, number: int) -> ReadRow:
        doubts = [_doubt(found) for found in row.findings]
        cells = {name: self._kept(name, cell, doubts) for name, cell in row.cells.items()}
        if not cells.get("title"):
            doubts.append(_blocking("title", Text("Thiếu tên nhiệm vụ.", "The task has no name.")))
        leads = self._leads(row.cells.get("lead_unit", ""), doubts)
        helpers = self._helpers(row.cells.get("coordinating_units", ""), doubts)
        draft = self._draft(row, number, cells, helpers, doubts)
        parked = any(each.blocking for each in doubts)
        kept = PlanRow(
            line=row.line,
            number=number,
            written_number=row.number,
            sections=row.sections,
            annex=row.annex,
            cells=cells,
            written={name: self._without_persons(name, cell) for name, cell in row.written.items()},
            inherited=row.inherited,
            state=RowState.PARKED if parked else RowState.ASSIGNED,
            doubts=tuple(doubts),
        )
        return ReadRow(row=kept, drafts=() if parked else assigned_to(draft, leads, self.unit_index))

    def _draft(
        self, row: AnnexRow, number: int, cells: Mapping[str, str], helpers: tuple[str, ...], doubts: list[Doubt]
    ) -> TaskDraft:
        """The task, whose lead is still to be set. Cells that are too long for a task are cut, and that is said."""
        texts = {name: " ".join(cells.get(name, "").split()) for name in LONGEST}
        for name, longest in LONGEST.items():
            if len(texts[name]) > longest:
                texts[name] = texts[name][: longest - 1] + "…"
                doubts.append(_said(name, _cut(longest)))
        doubts += [_said(name, _BLANK) for name in ("product", "source") if name in cells and not cells[name]]
        deadline = self._deadline(cells.get("due_text", ""), doubts)
        return TaskDraft(
            title=texts["title"],
            lead_unit="",
            number=number,
            written_number=row.number,
            section=" › ".join(filter(None, [row.annex, *row.sections]))[:2000],
            coordinating_units=helpers,
            product=texts["product"],
            source=texts["source"],
            due_text=texts["due_text"],
            due_on=deadline.due_on,
            schedule=schedule_of(deadline),
        )

    def _deadline(self, wording: str, doubts: list[Doubt]) -> Deadline:
        key = key_of(wording)
        for said, day in self.answers.deadlines.items():
            if key_of(said) == key:
                return Deadline(reading="dated" if day else "none", due_on=day)
        found = self.deadlines.read(wording, self.unit_index.on)
        unread = "" if found.due_on else wording
        doubts += [Doubt(field="due_text", vi=each.vi, en=each.en, wording=unread) for each in found.doubts]
        return found

    def _leads(self, cell: str, doubts: list[Doubt]) -> tuple[str, ...]:
        """Codes of the leads. Whoever is not known, not clear or not to be assigned to by this importer blocks."""
        units = self._units("lead_unit", cell, doubts)
        if not units and not any(each.blocking for each in doubts if each.field == "lead_unit"):
            doubts.append(_blocking("lead_unit", Text("Thiếu cơ quan chủ trì.", "No lead unit is named.")))
        for code in units:
            if self.own and not is_within(self.unit_index.get(code), self.own):
                message = Text(
                    f"`{code}` không thuộc cơ quan của người nhập.", f"`{code}` is not of the importer's own unit."
                )
                doubts.append(_blocking("lead_unit", message))
        return units

    def _helpers(self, cell: str, doubts: list[Doubt]) -> tuple[str, ...]:
        """Codes of units and groups. A part that names none is left out, and that is said."""
        if group := self.unit_index.group(cell):
            return (group.code,)
        units = self._units("coordinating_units", cell, doubts)
        if len(units) > MOST_COORDINATING:
            message = Text(f"Nhiều hơn {MOST_COORDINATING} cơ quan.", f"More than {MOST_COORDINATING} units.")
            doubts.append(_blocking("coordinating_units", message))
            return ()
        return units

    def _units(self, field: str, cell: str, doubts: list[Doubt]) -> tuple[str, ...]:
        answered = self.answers.units_of(cell) if cell else None
        if answered is not None:
            return answered
        role: Role = "lead" if field == "lead_unit" else "coordinating"
        found = self.unit_reader.read(cell, role=role)
        units = list(found.units)
        open_ = []
        for wording in (*(each.wording for each in found.questions), *(each.wording for each in found.unknown)):
            codes = self.answers.units_of(wording)
            if codes is None:
                open_.append(wording)
            else:
                units += codes
        doubts += _of_names(field, found, open_)
        return tuple(dict.fromkeys(units))

    def _kept(self, name: str, cell: str, doubts: list[Doubt]) -> str:
        kept = self._without_persons(name, cell)
        if kept != cell:
            doubts.append(_said(name, _PERSON_LEFT_OUT))
        return kept

    def _without_persons(self, name: str, cell: str) -> str:
        return self.unit_reader.without_persons(cell) if name in _UNIT_FIELDS else cell


def assigned_to(draft: TaskDraft, leads: Sequence[str], unit_index: UnitIndex) -> tuple[TaskDraft, ...]:
    """The task once for each lead; a lead that is a group passes it to its members."""
    made = []
    for part, lead in enumerate(leads, 1):
        group = unit_index.group(lead)
        members = tuple(unit.code for unit in unit_index.members(group)) if group else ()
        made.append(replace(draft, lead_unit=lead, part=part, fan_out=members))
    return tuple(made)


def running_numbers(written: Sequence[str]) -> list[int]:
    """The numbers of tasks: as written where these tell rows apart, else 1, 2, 3 …"""
    found = [re.fullmatch(r"0*([1-9]\d{0,4})\s*[.)]?", each.strip(), re.ASCII) for each in written]
    numbers = [int(each[1]) for each in found if each]
    if len(numbers) == len(written) and all(after > before for before, after in pairwise(numbers)):
        return numbers
    return list(range(1, len(written) + 1))


def _of_names(field: str, found: Named, open_: Sequence[str]) -> list[Doubt]:
    """Doubts about a cell of units: those that nobody has answered, and what was left out. A lead's questions block."""
    blocks = field == "lead_unit"
    asked = [
        Doubt(
            field=field,
            vi=each.text.vi,
            en=each.text.en,
            blocking=blocks,
            wording=each.wording,
            candidates=each.candidates,
        )
        for each in found.questions
        if each.wording in open_
    ]
    told = {each.wording for each in asked}
    warnings = list(found.warnings)
    for each in found.unknown:
        if each.wording in open_ and each.wording not in told:
            # A name of another day has a warning of its own, which says what became of the unit.
            message = next((warning for warning in warnings if f"“{each.wording}”" in warning.vi), None)
            if message:
                warnings.remove(message)
            message = message or not_known(each)
            asked.append(
                Doubt(
                    field=field,
                    vi=message.vi,
                    en=message.en,
                    blocking=blocks,
                    wording=each.wording,
                    candidates=each.nearest,
                )
            )
    return [*asked, *(_said(field, warning) for warning in warnings)]


def _doubt(found: Finding) -> Doubt:
    return Doubt(field=found.field, vi=found.message.vi, en=found.message.en)


def _said(field: str, message: Text) -> Doubt:
    return Doubt(field=field, vi=message.vi, en=message.en)


def _blocking(field: str, message: Text) -> Doubt:
    return Doubt(field=field, vi=message.vi, en=message.en, blocking=True)


def _cut(longest: int) -> Text:
    return Text(
        f"Dài quá {longest} ký tự: nhiệm vụ giữ phần đầu, dòng của kế hoạch giữ nguyên văn.",
        f"Longer than {longest} characters: the task has the beginning, the row of the plan the whole.",
    )


_BLANK = Text("Ô trống.", "The cell is empty.")
_PERSON_LEFT_OUT = Text(
    "Tên người hoặc số điện thoại trong ô không được lưu.",
    "Names of persons or phone numbers in the cell are not kept.",
)
