"""Lines of a sheet, told apart: headings, titles, totals and footers are taken out, halves joined, marks resolved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.annexes.domain import How, Line, Sheet
from tasks_api.annexes.headings import HeadingReader, Layout
from tasks_api.annexes.marks import BULLET, SMALL, Mark, leading, mark, written_mark
from tasks_api.annexes.rules import AnnexRules

WITH_BREAKS: Final = {"lead_unit", "coordinating_units", "due_text"}
"""Fields whose line breaks tell several values apart."""
_LONGEST_TITLE: Final = 500
_ISO_MIDNIGHT: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T]00:00(?::00(?:\.0+)?)?")
_SHOWN: Final = 80
_SAME: Final = 3
"""So many cells with one text are a merged title that was flattened."""


_NO_LAYOUT: Final = Layout((), ())


@dataclass
class Entry:
    """A line of content. `running` is the cell of the first number column, `number` what counts as the row's number."""

    line: int
    annex: str
    layout: Layout
    number: str = ""
    running: str = ""
    code: str = ""
    mark: Mark | None = None
    title: str = ""
    group: bool = False
    merged_title: bool = False
    flat: bool = False
    """The file does not tell what is merged."""
    cells: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    inherited: dict[str, How] = field(default_factory=dict)
    findings: list[tuple[str, Text]] = field(default_factory=list)

    @property
    def values(self) -> dict[str, str]:
        """What the row says beside its number and its title."""
        return {
            name: cell for name, cell in self.cells.items() if cell and name not in {"number", "title", "code", "note"}
        }

    def say(self, name: str, vi: str, en: str) -> None:
        self.findings.append((name, Text(vi, en)))


class SheetReader:
    """Reads one sheet. `layouts` and `passed_over` grow as its tables come by; `line` counts on from sheet to sheet."""

    def __init__(self, rules: AnnexRules, headings: HeadingReader, line: int = 0) -> None:
        self._rules, self._headings = rules, headings
        self._ditto = {_plain(each) for each in rules.ditto}
        self._blank = set(rules.blank)
        self.line = line
        self.layouts: list[Layout] = []
        self.passed_over: list[Text] = []
        self._annex = ""
        self._layout = _NO_LAYOUT
        self._table = 0
        self._ended = False
        self._after_break = False
        self._after_gap = False
        self._under_title = False
        self._above: dict[int, str] = {}
        self._last: Entry | None = None

    def entries(self, sheet: Sheet) -> Iterator[Entry]:
        """The lines of content in their order. The last one may still grow by a half that follows it."""
        lines, at, lead_in = sheet.lines, 0, ""
        passed: set[int] = set()
        while at < len(lines):
            line = lines[at]
            layout = self._headings.find(lines, at)
            if layout:
                yield from self._begin(layout, line, lead_in)
                at += layout.height
                continue
            at += 1
            if not line.filled and not line.up:
                self._after_gap = True
                continue
            if annex := self._annex_title(line):
                self._annex, self._last, self._ended, self._under_title = annex, None, False, True
            if not self._layout.fields or self._is_foreign(line):
                lead_in = line.cells[line.filled[0]] if len(line.filled) == 1 else ""
                if line.table and line.table not in passed and len(line.filled) > 1:
                    passed.add(line.table)
                    self._pass_over(line, sheet)
                continue
            self.line += 1
            if annex or self._is_aside(line):
                continue
            entry = self._entry(line, sheet)
            if entry:
                self._last, self._after_gap = entry, False
                yield entry

    def _begin(self, layout: Layout, line: Line, lead_in: str) -> Iterator[Entry]:
        first = not self._layout.fields
        self.line += layout.height - 1 if first else layout.height
        same = self._layout.headings == layout.headings
        self._layout, self._table, self._ended, self._under_title = layout, line.table, False, False
        self._after_break = same
        self._above = {}
        if not same:
            self.layouts.append(layout)
        if (found := leading(lead_in)) and first:
            yield Entry(self.line, self._annex, layout, lead_in, mark=found[0], title=found[1], group=True)

    def _is_foreign(self, line: Line) -> bool:
        """Whether a line belongs to another table than the one whose headings are known."""
        if not line.table or line.table == self._table:
            return False
        if len(line.cells) == len(self._layout.fields):
            self._table, self._after_break = line.table, True  # the same table, after a page break
            return False
        return True

    def _pass_over(self, line: Line, sheet: Sheet) -> None:
        begins = " ".join(" · ".join(line.cells[each] for each in line.filled).split())[:_SHOWN]
        where = f"“{sheet.name}”: " if sheet.name else ""
        self.passed_over.append(
            Text(
                f"{where}“{begins}” không thuộc bảng nhiệm vụ nào: không đọc.",
                f"{where}“{begins}” belongs to no table of tasks: not read.",
            )
        )

    def _annex_title(self, line: Line) -> str:
        """ "Phụ lục II" where the line is the title of a numbered annex."""
        if len(line.filled) != 1 or len(line.cells[line.filled[0]]) > _LONGEST_TITLE:
            return ""
        first = line.cells[line.filled[0]].splitlines()[0].strip().rstrip(".:")
        words = unmarked(first)
        for each in self._rules.annex_titles:
            if words.startswith(f"{each} "):
                title = re.match(
                    r"(?:\w+\s+){1,3}?(?:s\u1ed1\s+)?(?:[IVXLC]+|\d+|[A-Z])\b(?:[.-]\d+|[a-z]\b)?", first, re.IGNORECASE
                )
                return " ".join(title[0].split()) if title else ""
        return ""

    def _is_aside(self, line: Line) -> bool:
        """Whether a line is no content: column numbers, sums, pages, what stands below the table."""
        texts = [line.cells[each] for each in line.filled]
        words = unmarked(texts[0]) if texts else ""
        names = self._layout.fields
        if self._ended and not self._is_numbered_task(line):
            return True
        self._ended = False
        if len(texts) == 1 and not line.table and self._is_page_number(words):
            return True
        lead = self._layout.column("lead_unit")
        if any(words == each or words.startswith(f"{each} ") for each in self._rules.footers) and len(texts) < _SAME:
            self._ended = True
            return True
        if any(unmarked(each) in self._rules.totals or _sums(unmarked(each), self._rules.totals) for each in texts[:2]):
            return lead is None or not re.search(r"[^\W\d]", line.at(lead))
        title = names.index("title") if "title" in names else 0
        return len(texts) > 1 and mark(line.at(title)) is not None and all(_is_column_number(each) for each in texts)

    def _is_page_number(self, words: str) -> bool:
        """Whether a line outside of the table is a page's number ("- 2 -", "Trang 2/5") or has no word at all."""
        return all(each.isdigit() or each in self._rules.pages for each in words.split())

    def _is_numbered_task(self, line: Line) -> bool:
        """Whether a line below what looked like a footer is a task all the same."""
        title, lead = self._layout.column("title"), self._layout.column("lead_unit")
        number = self._layout.marks[0] if self._layout.marks else None
        needed = [each for each in (title, lead) if each is not None]
        return number is not None and mark(line.at(number)) is not None and all(line.at(each) for each in needed)

    def _entry(self, line: Line, sheet: Sheet) -> Entry | None:
        layout = self._layout
        if len(line.filled) == 1 and not line.up and (not line.table or line.filled[0] == 0):
            return self._title_line(line, sheet)
        entry = self._cells(line, sheet)
        after_break, self._after_break = self._after_break, False
        if self._last and not line.up and self._continues(entry, line, sheet, after_break=after_break):
            self._join(self._last, entry, split_by_page=after_break)
            self._after_gap = False
            return None
        if self._is_merged_title(entry, line):
            texts = [line.cells[each] for each in line.filled if each not in layout.marks]
            entry.title, entry.group, entry.cells = " ".join(texts[0].split()), True, {}
            if entry.mark is None and (found := leading(entry.title)):
                entry.mark, entry.title = found
        if not entry.title and not entry.number:
            self._pass_over(line, sheet)
            return None
        return entry

    def _title_line(self, line: Line, sheet: Sheet) -> Entry | None:
        """A group whose title stands alone in the first cell or outside of the table."""
        text = " ".join(line.cells[line.filled[0]].split())
        if line.table and mark(text):
            return None  # a number without anything
        found = leading(text)
        unwanted = self._under_title or text.startswith("(") or len(text) > _LONGEST_TITLE
        if (unwanted or (sheet.merges_known and not line.table)) and not (found and found[0].depth < SMALL):
            return None
        self._after_break = False
        entry = Entry(self.line, self._annex, self._layout, group=True, title=text)
        if found:
            entry.mark, entry.title = found
        return entry

    def _cells(self, line: Line, sheet: Sheet) -> Entry:
        layout = self._layout
        entry = Entry(self.line, self._annex, layout, flat=not sheet.merges_known)
        for column, name in enumerate(layout.fields):
            text = line.at(column)
            if column in line.up:
                value = self._above.get(column, "")
                if name and name not in {"number", "note"} and value:
                    entry.cells[name], entry.inherited[name] = _value(name, value), "merged"
                    entry.written[name] = ""
                continue
            self._above[column] = text
            if name and name != "number":
                entry.written[name] = text
                entry.cells[name] = self._resolved(entry, name, text)
        self._above |= {c: line.at(c) for c in range(len(layout.fields), len(line.cells)) if c not in line.up}
        self._number(entry, line)
        entry.title = entry.cells.get("title", "")
        entry.merged_title = "title" in entry.inherited
        for column, doubt in line.doubts:
            name = layout.fields[column] if column < len(layout.fields) else None
            entry.findings.append((name or "row", doubt))
        if any(line.cells[len(layout.fields) :]):
            entry.say("row", "Dòng có nhiều ô hơn tiêu đề bảng.", "The row has more cells than the table has headings.")
        return entry

    def _resolved(self, entry: Entry, name: str, text: str) -> str:
        """The value of a cell: nothing for a dash, what stands above for "như trên"."""
        if text in self._blank:
            return ""
        if _plain(text) in self._ditto and name != "title":
            above = self._last.cells.get(name, "") if self._last else ""
            if above:
                entry.inherited[name] = "ditto"
                entry.say(name, f"“{text}” được đọc là: {above}", f"“{text}” was read as: {above}")
            else:
                entry.say(name, f"“{text}” nhưng dòng trên để trống.", f"“{text}”, but the row above is blank.")
            return above
        return _value(name, text)

    def _number(self, entry: Entry, line: Line) -> None:
        marks = [" ".join(line.at(each).split()) if each not in line.up else "" for each in entry.layout.marks]
        entry.code = entry.cells.get("code", "")
        entry.running = marks[0] if marks else ""
        entry.number = next(filter(None, marks), "") or entry.code
        deepest = [found for each in reversed(marks) if (found := mark(each))]
        entry.mark = deepest[0] if deepest else None
        if not entry.layout.marks and (named := leading(entry.cells.get("title", ""))) and named[0].depth < BULLET:
            entry.mark, entry.cells["title"] = named
            entry.number = written_mark(entry.written["title"])
        entry.written["number"] = entry.cells["number"] = entry.number

    def _is_merged_title(self, entry: Entry, line: Line) -> bool:
        """Whether the line is one title over several columns, merged or with its text in every cell."""
        texts = [line.cells[each] for each in line.filled if each not in entry.layout.marks]
        if len(set(texts)) == 1 and (len(texts) >= _SAME or (len(texts) == 2 and len(entry.layout.fields) < 5)):
            return True
        merged = len(line.left) * 2 >= len(entry.layout.fields)
        if len(texts) == 1 and not line.up:
            in_title = bool(entry.title) and not entry.inherited
            return merged or (not in_title and entry.mark is not None and bool(entry.values))
        return False

    def _continues(self, entry: Entry, line: Line, sheet: Sheet, *, after_break: bool) -> bool:
        """Whether a line is the second half of the row above, which a page or a line break has split."""
        if self._last is None or self._last.group or entry.number or entry.code:
            return False
        filled = sum(1 for each in line.filled if each not in entry.layout.marks)
        if not entry.title:
            return bool(filled) and (after_break or not (sheet.merges_known or self._after_gap))
        if entry.title[0].islower() and self._last.title[-1:] not in ".;":
            return after_break or (not sheet.merges_known and filled * 2 <= len(entry.layout.fields))
        if not after_break or entry.title[0] in "-+•" or self._has_time_of_its_own(entry):
            return False
        return filled * 2 <= len(entry.layout.fields) + 1 and self._is_split(entry)

    def _has_time_of_its_own(self, entry: Entry) -> bool:
        """Whether a row tells a whole time ("Quý III/2026") and not the end of one ("năm 2026")."""
        due = entry.cells.get("due_text", "")
        return bool(due) and not due[0].islower() and self._headings.is_time(due)

    def _is_split(self, entry: Entry) -> bool:
        """Whether the title may go on from the one above: that one has no end, or this has nothing of its own."""
        return self._last is not None and (self._last.title[-1:] not in ".;" or not entry.values)

    def _join(self, above: Entry, below: Entry, *, split_by_page: bool) -> None:
        for name, cell in below.written.items():
            if cell and name != "number":
                above.written[name] = joined(above.written.get(name, ""), cell)
                former, lines = above.cells.get(name, ""), name in WITH_BREAKS and not split_by_page
                rest = below.cells.get(name, "")
                above.cells[name] = f"{former}\n{rest}".strip() if lines else joined(former, rest)
                above.say(name, "Đã nối hai nửa của ô bị ngắt.", "Two halves of a cell that was split were joined.")
        above.title = above.cells.get("title", above.title)


def joined(above: str, below: str) -> str:
    """Two halves of a cell as one, with a space between them unless a word was split after its hyphen ("KH-")."""
    within_word = re.search(r"\S-$", above) is not None
    return f"{above}{'' if within_word or not above else ' '}{below}"


def _value(name: str, text: str) -> str:
    """The value of a cell as written: lines that tell values apart stay, all other blanks are single."""
    if name == "due_text" and (found := _ISO_MIDNIGHT.fullmatch(text.strip())):
        return f"{found[3]}/{found[2]}/{found[1]}"
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return ("\n" if name in WITH_BREAKS else " ").join(filter(None, lines))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _is_column_number(text: str) -> bool:
    return re.fullmatch(r"\(?\[?(?:\d{1,2}|[A-Za-z])\]?\)?(?:\s*=.*)?", text.strip()) is not None


def _sums(words: str, totals: tuple[str, ...]) -> bool:
    return any(words.startswith(f"{each} ") and len(words.split()) < 6 for each in totals if " " in each)
