"""Turns the rows of an annex into tasks: lead, coordinating units, deadline. Doubts become warnings, never guesses."""

import re
from dataclasses import dataclass, field

from cchc_shared.contract.provenance import Text
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.findings import Finding
from tasks_api.naming.reader import UnitReader
from tasks_api.plans.tables import DocumentRow, DocumentTable
from tasks_api.tasks.domain import MOST_COORDINATING, TaskDraft
from tasks_api.units.domain import UnitIndex

LONGEST = {"title": 2000, "product": 2000, "source": 2000, "due_text": 500, "number": 9}


@dataclass
class Annex:
    """The tasks of a plan, what is doubtful (`warnings`) and impossible (`faults`). One fault prevents the import."""

    tasks: list[TaskDraft] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)


def read(table: DocumentTable, unit_index: UnitIndex, unit_reader: UnitReader, deadlines: DeadlineReader) -> Annex:
    """Read the annex of a plan that was issued on the day of the index and of the reader."""
    annex = Annex(faults=list(table.faults))
    for name in table.unknown_columns:
        annex.warnings.append(Finding(0, name, Text("Cột này không được dùng.", "This column is not used.")))
    reader = _Reader(unit_index, unit_reader, deadlines, annex)
    for row in table.rows:
        reader.read(row)
    reader.compare_numbers()
    return annex


class _Reader:
    def __init__(self, unit_index: UnitIndex, unit_reader: UnitReader, deadlines: DeadlineReader, annex: Annex) -> None:
        self._unit_index, self._unit_reader = unit_index, unit_reader
        self._deadlines, self._annex = deadlines, annex
        self._numbers: list[tuple[int, int]] = []

    def read(self, row: DocumentRow) -> None:
        cells = {name: " ".join(cell.split()) for name, cell in row.cells.items()}
        if _is_heading(cells):
            self._warn(
                row, "number", Text("Dòng tiêu đề mục, không phải nhiệm vụ.", "A section's heading, not a task.")
            )
            return
        if row.joined:
            message = Text("Đã nối hai nửa của dòng bị ngắt trang.", "Two halves split by a page break were joined.")
            self._warn(row, row.joined[0], message)
        faults_before = len(self._annex.faults)
        self._check_lengths(row, cells)
        number = self._number(row, cells)
        lead, fan_out = self._lead(row, row.cells["lead_unit"])
        coordinating = self._coordinating(row, row.cells.get("coordinating_units", ""))
        if len(coordinating) > MOST_COORDINATING:
            message = Text(f"Nhiều hơn {MOST_COORDINATING} cơ quan.", f"More than {MOST_COORDINATING} units.")
            self._fault(row, "coordinating_units", message)
        deadline = self._deadlines.read(cells.get("due_text", ""), self._unit_index.on)
        for doubt in deadline.doubts:
            self._warn(row, "due_text", doubt)
        for name in ("product", "source"):
            if name in cells and not cells[name]:
                self._warn(row, name, Text("Ô trống.", "The cell is empty."))
        if len(self._annex.faults) == faults_before:
            self._annex.tasks.append(
                TaskDraft(
                    number=number,
                    title=cells["title"],
                    lead_unit=lead,
                    coordinating_units=coordinating,
                    due_text=cells.get("due_text", ""),
                    due_on=deadline.due_on,
                    product=cells.get("product", ""),
                    source=cells.get("source", ""),
                    fan_out=fan_out,
                )
            )

    def compare_numbers(self) -> None:
        """A repeated number is a fault; a gap is only a warning."""
        seen: set[int] = set()
        for position, number in self._numbers:
            if number in seen:
                message = Text(f"Số thứ tự {number} bị lặp.", f"The number {number} is used twice.")
                self._annex.faults.append(Finding(position, "number", message))
            elif seen and number != max(seen) + 1:
                message = Text(f"Số thứ tự {number} không liền mạch.", f"The number {number} is out of sequence.")
                self._annex.warnings.append(Finding(position, "number", message))
            seen.add(number)

    def _check_lengths(self, row: DocumentRow, cells: dict[str, str]) -> None:
        if not cells["title"]:
            self._fault(row, "title", Text("Thiếu tên nhiệm vụ.", "The task has no name."))
        for name, longest in LONGEST.items():
            if len(cells.get(name, "")) > longest:
                self._fault(row, name, Text(f"Dài quá {longest} ký tự.", f"Longer than {longest} characters."))

    def _number(self, row: DocumentRow, cells: dict[str, str]) -> int:
        text = cells.get("number", str(row.position))
        found = re.fullmatch(r"0*([1-9]\d{0,4})\.?", text, re.ASCII)
        if not found:
            message = Text(f"Số thứ tự “{text}” không phải là số.", f"The number “{text}” is not a number.")
            self._fault(row, "number", message)
            return 0
        self._numbers.append((row.position, int(found[1])))
        return int(found[1])

    def _lead(self, row: DocumentRow, text: str) -> tuple[str, tuple[str, ...]]:
        """The lead's code, and the units to which a group fans out."""
        found = self._unit_reader.read(text, role="lead")
        doubts = found.doubts()
        if len(found.units) != 1 or found.questions or found.unknown:
            self._fault(row, "lead_unit", doubts[0] if doubts else _not_one(found.units))
            return "", ()
        for doubt in doubts:
            self._warn(row, "lead_unit", doubt)
        group = self._unit_index.group(found.units[0])
        return found.units[0], tuple(unit.code for unit in self._unit_index.members(group)) if group else ()

    def _coordinating(self, row: DocumentRow, text: str) -> tuple[str, ...]:
        """Codes of units and groups. A part that names none is left out, with a warning."""
        if group := self._unit_index.group(text):
            return (group.code,)
        found = self._unit_reader.read(text, role="coordinating")
        for doubt in found.doubts():
            self._warn(row, "coordinating_units", doubt)
        return found.units

    def _warn(self, row: DocumentRow, name: str, message: Text) -> None:
        self._annex.warnings.append(Finding(row.position, name, message))

    def _fault(self, row: DocumentRow, name: str, message: Text) -> None:
        self._annex.faults.append(Finding(row.position, name, message))


def _is_heading(cells: dict[str, str]) -> bool:
    """The heading of a section has a mark such as "I" or "A" and a title, and nothing else."""
    rest = [cell for name, cell in cells.items() if name not in {"number", "title"}]
    return bool(cells["title"]) and not any(rest) and not re.match(r"\d", cells.get("number", ""))


def _not_one(units: tuple[str, ...]) -> Text:
    if not units:
        return Text("Thiếu cơ quan.", "No unit is named.")
    codes = ", ".join(units)
    return Text(f"Nhiều hơn một cơ quan chủ trì: {codes}.", f"More than one lead unit: {codes}.")
