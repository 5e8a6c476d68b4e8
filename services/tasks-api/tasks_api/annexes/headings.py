"""Finds the headings of a table of tasks: by their words, and where those are unknown, by what stands below them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.annexes.domain import Column, Line, Question
from tasks_api.annexes.marks import mark
from tasks_api.annexes.rules import AnnexRules, Headings

_ASIDE: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)")
_DATE: Final = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b|\b\d{1,2}/\d{4}\b|\b(?:19|20)\d{2}\b")
_LONGEST_HEADING: Final = 120
_MOST_HEADINGS: Final = 100
_SUBLINES: Final = 2
_SAMPLE: Final = 40
_MOST: Final = 0.6
"""The share of a column's cells that must look like units or times."""
_ANSWERED, _WHOLE, _WITHIN = 1000, 600, 300


@dataclass
class Layout:
    """The columns of a table, and what was assumed of them. `height` counts the lines that its headings take."""

    fields: tuple[str | None, ...]
    headings: tuple[str, ...]
    height: int = 1
    findings: list[Text] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    marks: tuple[int, ...] = ()
    """The columns of numbers: the running one first, then the one that says which row is a part of which."""

    def column(self, name: str) -> int | None:
        return self.fields.index(name) if name in self.fields else None

    @property
    def known(self) -> int:
        return sum(1 for each in self.fields if each)

    @property
    def columns(self) -> list[Column]:
        names = [name or ("number" if column in self.marks else None) for column, name in enumerate(self.fields)]
        return [Column(*each) for each in zip(self.headings, names, strict=True) if each[0]]


class HeadingReader:
    """Reads headings by the city's words, and by what a person has said of single headings."""

    def __init__(self, rules: AnnexRules, answers: Mapping[str, str]) -> None:
        self._rules = rules
        self._answers = {unmarked(heading): name for heading, name in answers.items()}
        self._scores: dict[str, dict[str, int]] = {}

    def find(self, lines: Sequence[Line], at: int) -> Layout | None:
        """The layout of the table whose headings begin at a line; None for any other line."""
        if not self._may_be_heading(lines[at]):
            return None
        best, above = None, [_spread(lines[at])]
        for height in range(1, _SUBLINES + 2):
            if height > 1:
                next_ = at + height - 1
                if next_ >= len(lines) or not self._continues(lines[next_], lines[at]):
                    break
                above.append(list(lines[next_].cells))
            layout = self._layout(above, height)
            if layout and (best is None or layout.known >= best.known):
                best = layout
        return self._completed(best, lines, at + best.height) if best else None

    def _may_be_heading(self, line: Line) -> bool:
        filled = [cell for cell in line.cells if cell]
        if not 1 < len(filled) <= _MOST_HEADINGS or mark(filled[0]):
            return False
        if any(len(each) > _LONGEST_HEADING or _DATE.search(each) for each in filled):
            return False
        scores = [max(self._score(each).values(), default=0) for each in filled]
        named = sum(1 for each in scores if each)
        return named > 1 and max(scores) > _WITHIN and (named * 2 >= len(filled) or "number" in self._score(filled[0]))

    def _continues(self, line: Line, top: Line) -> bool:
        """Whether a line is a second one of headings: short words below blank or merged headings, and no number."""
        filled = line.filled
        if not filled or any(len(line.cells[each]) > _LONGEST_HEADING for each in filled):
            return False
        words = [unmarked(line.cells[each]) for each in filled]
        if mark(line.cells[filled[0]]) or any(word.isdigit() for word in words):
            return False
        known = [each for each, word in zip(filled, words, strict=True) if self._is_whole(word)]
        known += [each for each, word in zip(filled, words, strict=True) if word in self._rules.subheadings]
        below_blank = [each for each in filled if not top.at(each) or each + 1 in top.left]
        rest_is_merged = bool(line.up) and all(each in line.up or each in filled for each in top.filled)
        beside = all(not line.at(each) for each in range(len(line.cells)) if each not in filled)
        return bool(known) and beside and (bool(below_blank) or rest_is_merged) and len(filled) < len(top.cells)

    def _is_whole(self, words: str) -> bool:
        return words in self._answers or any(words in each.is_ for each in self._rules.columns.values())

    def _layout(self, above: Sequence[Sequence[str]], height: int) -> Layout | None:
        width = max(map(len, above))
        above = _blanks_spread(above)
        cells = [[part[column] if column < len(part) else "" for part in above] for column in range(width)]
        headings = tuple(" ".join(" ".join(dict.fromkeys(filter(None, each))).split()) for each in cells)
        scored: list[tuple[int, int, str]] = []
        for column, parts in enumerate(cells):
            for text in {headings[column], parts[-1]} - {""}:
                scored += [(score, -column, name) for name, score in self._score(text).items()]
        fields: dict[int, str] = {}
        for _, minus, name in sorted(scored, reverse=True):
            if -minus not in fields and name not in fields.values():
                fields[-minus] = name
        found = tuple(fields.get(column) for column in range(width))
        names = set(fields.values())
        if "title" not in names and not ("lead_unit" in names and len(names) > 2):
            return None
        number = found.index("number") if "number" in found else None
        seconds = [
            each
            for each in range(width)
            if number is not None
            and each != number
            and not found[each]
            and (
                not headings[each]
                or "number" in self._score(cells[each][0])
                or unmarked(cells[each][-1]) in self._rules.subheadings
            )
        ]
        marks = () if number is None else (number, *(each for each in seconds if each == number + 1))
        return Layout(found, headings, height, marks=marks)

    def _score(self, heading: str) -> dict[str, int]:
        """How well a heading fits each field that it fits at all."""
        if heading not in self._scores:
            words = unmarked(_ASIDE.sub(" ", heading)) or unmarked(heading)
            answer = self._answers.get(unmarked(heading))
            if answer is None:
                each = {name: _score(words, headings) for name, headings in self._rules.columns.items()}
                self._scores[heading] = {name: score for name, score in each.items() if score}
            else:
                self._scores[heading] = {answer: _ANSWERED} if answer else {}
        return self._scores[heading]

    def _completed(self, layout: Layout, lines: Sequence[Line], begin: int) -> Layout | None:
        """The layout with columns known by their content; None where the rows below hold no tasks."""
        sample = [line for line in lines[begin : begin + _SAMPLE] if len(line.filled) > 2]
        self._assume(layout, sample, "lead_unit", "due_text")
        if layout.column("title") is None:
            self._assume_title(layout, sample)
        title = layout.column("title")
        if title is None or not _TELLING & set(layout.fields):
            return None
        titles = [line.at(title) for line in sample if line.at(title)]
        if titles and sum(1 for each in titles if _is_count(each)) * 2 > len(titles):
            return None
        self._ask(layout, sample)
        return layout

    def _assume(self, layout: Layout, sample: Sequence[Line], *names: str) -> None:
        for name in names:
            looks = [each for each in self._free(layout) if self._looks_like(_cells(sample, each, layout)) == name]
            looks = [each for each in looks if not self._is_unused(layout.headings[each])]
            if layout.column(name) is None and len(looks) == 1:
                layout.fields = _with(layout.fields, looks[0], name)
                layout.findings.append(_assumed(layout.headings[looks[0]], name))

    def _assume_title(self, layout: Layout, sample: Sequence[Line]) -> None:
        lengths = {each: sum(map(len, _cells(sample, each, layout))) for each in self._free(layout)}
        if lengths and max(lengths.values()):
            column = max(lengths, key=lambda each: lengths[each])
            layout.fields = _with(layout.fields, column, "title")
            layout.findings.append(_assumed(layout.headings[column], "title"))

    def _ask(self, layout: Layout, sample: Sequence[Line]) -> None:
        for column in self._free(layout):
            heading = layout.headings[column]
            cells = _cells(sample, column, layout)
            by_words = [name for name in self._score(heading) if name in _TELLING]
            looks_like = self._looks_like(cells) or (by_words[0] if by_words else None)
            if looks_like and not self._is_unused(heading):
                examples = tuple(dict.fromkeys(" ".join(cell.split()) for cell in cells))[:3]
                layout.questions.append(Question(heading, looks_like, examples, _asked(heading, looks_like)))

    def _is_unused(self, heading: str) -> bool:
        """Whether a column is known to be none of ours: by the city's words, or because a person has said so."""
        words = f" {unmarked(heading)} "
        return words.strip() in self._answers or any(f" {each} " in words for each in self._rules.unused)

    def _free(self, layout: Layout) -> list[int]:
        return [
            each
            for each, name in enumerate(layout.fields)
            if name is None and layout.headings[each] and each not in layout.marks
        ]

    def _looks_like(self, cells: Sequence[str]) -> str | None:
        units = sum(1 for each in cells if _begins(unmarked(each), self._rules.unit_words))
        times = sum(1 for each in cells if self.is_time(each))
        if cells and units >= len(cells) * _MOST:
            return "lead_unit"
        return "due_text" if cells and times >= len(cells) * _MOST else None

    def is_time(self, cell: str) -> bool:
        """Whether a cell tells a day, a period or a rhythm."""
        words = f" {unmarked(cell)} "
        return bool(_DATE.search(cell)) or any(f" {each}" in words for each in self._rules.due_words)


_TELLING: Final = frozenset({"lead_unit", "due_text", "coordinating_units"})
"""Fields of which a table of tasks has at least one, and about whose columns is asked."""
_NAMES: Final = {
    "title": Text("tên nhiệm vụ", "the task"),
    "lead_unit": Text("cơ quan", "units"),
    "coordinating_units": Text("cơ quan phối hợp", "co-ordinating units"),
    "due_text": Text("thời hạn", "deadlines"),
}


def _spread(line: Line) -> list[str]:
    """The cells of a line, with the text of a merged one in each of its columns."""
    spread = list(line.cells)
    for column in sorted(line.left):
        if 0 < column < len(spread):
            spread[column] = spread[column - 1]
    return spread


def _blanks_spread(above: Sequence[Sequence[str]]) -> list[list[str]]:
    """Headings in flat text: a blank one takes what stands at its left, if both have one of their own below."""
    spread = [list(part) for part in above]
    for top, below in pairwise(spread):
        for column in range(1, min(len(top), len(below))):
            if not top[column] and below[column] and below[column - 1]:
                top[column] = top[column - 1]
    return spread


def _score(words: str, headings: Headings) -> int:
    if words in headings.is_:
        return _WHOLE - headings.is_.index(words)
    padded = f" {words} "
    if any(f" {each} " in padded for each in headings.not_):
        return 0
    within = [place for place, each in enumerate(headings.has) if f" {each} " in padded]
    return _WITHIN - within[0] if within else 0


def _cells(sample: Iterable[Line], column: int, layout: Layout) -> list[str]:
    """What stands below a heading, without the heading itself where it is repeated."""
    return [cell for line in sample if (cell := line.at(column)) and cell != layout.headings[column]]


def _begins(words: str, beginnings: Iterable[str]) -> bool:
    return any(words == each or words.startswith(f"{each} ") for each in beginnings)


def _is_count(cell: str) -> bool:
    return re.fullmatch(r"[\d.,%/ ]+", cell.strip()) is not None


def _with(fields: Sequence[str | None], column: int, name: str) -> tuple[str | None, ...]:
    return tuple(name if each == column else value for each, value in enumerate(fields))


def _assumed(heading: str, name: str) -> Text:
    meant = _NAMES[name]
    return Text(
        f"Cột “{heading}” được đọc là {meant.vi}, theo nội dung các ô.",
        f"The column “{heading}” was read as {meant.en}, by what stands in its cells.",
    )


def _asked(heading: str, name: str) -> Text:
    meant = _NAMES[name]
    return Text(
        f"Cột “{heading}” không được dùng nhưng giống {meant.vi}: cột này là gì?",
        f"The column “{heading}” is not used but looks like {meant.en}: what is it?",
    )
