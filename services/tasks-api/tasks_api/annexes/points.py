"""Plans without a table: numbered points whose lines name the task, the units and the time ("c) Thời gian: …")."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.annexes.domain import AnnexRow
from tasks_api.annexes.marks import SMALL, Mark, leading, mark, written_mark
from tasks_api.annexes.rules import AnnexRules
from tasks_api.findings import Finding

_LABEL: Final = re.compile(
    r"(?:^|(?<=[.;,(]))\s*((?:[-–+•*]\s*|[a-z\u0111][.)]\s*|\d{1,2}[.)]\s*)?([^\W\d_][^:;.()\n]{1,60}?))\s*:\s*",
    re.MULTILINE,
)
_CLOSING: Final = " \n;,("
_NEEDED: Final = frozenset({"lead_unit", "due_text", "coordinating_units"})


@dataclass
class _Point:
    line: int
    number: str
    mark: Mark
    title: str
    values: dict[str, list[str]] = field(default_factory=dict)
    open: str | None = None
    first: str = ""
    first_line: int = 0
    """The mark and the line of the label that names the task."""

    @property
    def is_task(self) -> bool:
        return bool(_NEEDED & {name for name, lines in self.values.items() if any(lines)})


def rows(lines: Iterable[str], rules: AnnexRules) -> list[AnnexRow]:
    """The tasks of a plan in points; empty where no point names a unit or a time."""
    points: list[_Point] = []
    for number, line in enumerate(lines, 1):
        parts = list(_labelled(line, rules))
        begins = leading(line)
        labelled_first = bool(parts) and parts[0][0] is not None
        if begins and begins[0].depth < SMALL and not labelled_first:
            points.append(_Point(number, written_mark(line), begins[0], _title(parts[0][1])))
            parts = parts[1:]
        elif begins and begins[0].depth == SMALL and not labelled_first and not (points and points[-1].open == "title"):
            points.append(_Point(number, f"{written_mark(line)})", begins[0], _title(parts[0][1])))
            parts = parts[1:]
        if points:
            _add(points, parts, number, line)
    return [_row(points, place) for place, point in enumerate(points) if point.is_task]


def _title(text: str) -> str:
    found = leading(text)
    return (found[1] if found else text).rstrip(" :.")


def _add(points: list[_Point], parts: Sequence[tuple[str | None, str]], number: int, line: str) -> None:
    for name, text in parts:
        point = points[-1]
        if name == "title":
            if point.values.get("title") and point.is_task:
                point = _next(points, number, line)
            point.first, point.first_line = written_mark(line), number
        if name is not None:
            point.open = name
            point.values.setdefault(name, [])
        if text and point.open is not None:
            point.values[point.open].append(text)
        elif text and not point.is_task and not text[0].isupper():
            point.title = f"{point.title} {text}"


def _next(points: list[_Point], number: int, line: str) -> _Point:
    """A second task under one point: "a) Nội dung: …", "b) Nội dung: …". The first becomes a part of the point too."""
    above = points[-1]
    small = _small(written_mark(line))
    if small and above.mark.depth < SMALL and above.first:
        part = _Point(above.first_line, f"{above.first})", small, above.title, above.values)
        above.values = {}
        points.append(part)
    points.append(
        _Point(number, f"{written_mark(line)})" if small else above.number, small or above.mark, points[-1].title)
    )
    return points[-1]


def _small(text: str) -> Mark | None:
    found = mark(text)
    return found if found and found.depth == SMALL else None


def _labelled(line: str, rules: AnnexRules) -> Iterator[tuple[str | None, str]]:
    """The parts of a line, each with the field that its label names; None for a part without one."""
    found = [(each, name) for each in _LABEL.finditer(line) if (name := _field(each[2], rules))]
    begin = found[0][0].start() if found else len(line)
    if begin or not found:
        yield None, line[:begin].strip(_CLOSING)
    for place, (each, name) in enumerate(found):
        end = found[place + 1][0].start() if place + 1 < len(found) else len(line)
        yield name, line[each.end() : end].strip(_CLOSING)


def _field(label: str, rules: AnnexRules) -> str | None:
    words = unmarked(label)
    for name, headings in rules.columns.items():
        if words in headings.is_ or words in headings.has:
            return name
    return None


def _row(points: Sequence[_Point], place: int) -> AnnexRow:
    point = points[place]
    written = {name: "\n".join(lines) for name, lines in point.values.items()}
    cells = {name: _value(name, lines) for name, lines in point.values.items()}
    above = _above(points, place)
    if cells.get("title"):
        above = above if above[-1:] == [point.title] else [*above, point.title]
    else:
        cells["title"] = written["title"] = point.title
    cells["number"] = written["number"] = point.number
    findings = []
    if not cells.get("lead_unit"):
        message = Text("Không có cơ quan chủ trì.", "No lead unit is named.")
        findings.append(Finding(point.line, "lead_unit", message))
    return AnnexRow(
        line=point.line, number=point.number, sections=tuple(above), annex="", parent=None, cells=cells,
        written=written, inherited={}, findings=tuple(findings),
    )  # fmt: skip


def _above(points: Sequence[_Point], place: int) -> list[str]:
    """The titles of the points that hold this one, outermost first."""
    titles, depth = list[str](), points[place].mark.depth
    for each in reversed(points[:place]):
        if each.mark.depth < depth:
            depth = each.mark.depth
            if not each.mark.is_number or points[place].mark.depth != each.mark.depth:
                titles.append(each.title)
    return titles[::-1]


def _value(name: str, lines: Sequence[str]) -> str:
    """Units and times end without a full stop; the lines of a task are one."""
    text = (" " if name == "title" else "\n").join(" ".join(line.split()) for line in lines)
    return text if name == "title" else text.rstrip(". ")
