"""Sheets of cells into a draft of a document."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product, takewhile
from typing import Any, Final, NamedTuple

from cchc_shared.contract.wording import unmarked
from cchc_shared.files.workbooks import Merged, Row, reference
from scoring_worker.index_sets.wrong import Wrong
from scoring_worker.workbooks import cells
from scoring_worker.workbooks.draft import WRONG, Draft, Path
from scoring_worker.workbooks.layout import CRITERIA, INDICATORS, PARTS, Column, Table

_HEADING_ROWS: Final = 20
"""Above this row the headings stand: people put titles before them."""
_DEEPEST: Final = 20
"""Levels of criteria; official sets have four."""
_MOST_MERGED: Final = 20_000
"""Merged cells of a sheet of which no second fault is said."""


class Sheet(NamedTuple):
    """A sheet of a workbook, with all that it holds."""

    name: str
    rows: list[Row]
    merged: list[Merged]
    since_1904: bool = False

    def at(self, row: int, column: int) -> str:
        """`Tiêu chí!D14`"""
        return f"{self.name}!{reference(row, column)}"


class Headed(NamedTuple):
    """A sheet whose headings are known: by its place in a row what each column is."""

    sheet: Sheet
    row: int
    columns: Mapping[int, Column]

    @property
    def rows(self) -> Iterator[Row]:
        """Those below the headings that hold something in a column."""
        below = (row for row in self.sheet.rows if row.number > self.row)
        return (row for row in below if not self.columns.keys().isdisjoint(row.cells))


def headed(sheet: Sheet, columns: Sequence[Column], draft: Draft) -> Headed | None:
    """The sheet with its headings; None, and one fault, where they are not those of this sheet."""
    known = {unmarked(name): column for column in columns for name in (column.heading, column.vi, column.en)}
    best: Row | None = None
    found: dict[int, Column] = {}
    for row in takewhile(lambda row: row.number <= _HEADING_ROWS, sheet.rows):
        here = {place: known[unmarked(cell.text)] for place, cell in row.cells.items() if unmarked(cell.text) in known}
        if len(here) > len(found):
            best, found = row, here
    missing = [column for column in columns if column not in found.values()]
    if best is None or missing:
        names = ", ".join(f"“{column.vi}”" for column in missing)
        english = ", ".join(column.en for column in missing)
        draft.fault(sheet.at(best.number if best else 1, 0), f"thiếu cột: {names}", f"columns are missing: {english}")
        return None
    for place, cell in best.cells.items():
        if place not in found:
            vi, en = f"không có cột nào tên “{cell.text}”", f"there is no column {cell.text}"
            draft.fault(sheet.at(best.number, place), vi, en, leaves_out=False)
        elif found[place] in [found[before] for before in found if before < place]:
            draft.fault(sheet.at(best.number, place), "cột này có hai lần", "this column stands twice")
    _say_what_is_merged(sheet, best.number, max(found), draft)
    _say_what_has_no_heading(sheet, best, draft)
    return Headed(sheet, best.number, found)


def _say_what_is_merged(sheet: Sheet, headings: int, last: int, draft: Draft) -> None:
    found = [each for each in sheet.merged if each.bottom >= headings and each.left <= last]
    for each in found:
        vi, en = "ô gộp: hãy bỏ gộp rồi ghi giá trị vào từng ô", "cells are merged: split them, and fill each"
        draft.fault(f"{sheet.name}!{each.reference}", vi, en)
    within = (product(range(each.top, each.bottom + 1), range(each.left, each.right + 1)) for each in found)
    draft.wrong.update(sheet.at(*place) for place in islice(chain.from_iterable(within), _MOST_MERGED))


def _say_what_has_no_heading(sheet: Sheet, headings: Row, draft: Draft) -> None:
    said: set[int] = set()
    for row in sheet.rows:
        for place in row.cells.keys() - headings.cells.keys() - said:
            if row.number > headings.number:
                said.add(place)
                vi, en = "cột này không có tiêu đề nên không biết là gì", "no heading says what this column is"
                draft.fault(sheet.at(row.number, place), vi, en, leaves_out=False)


def fold_general(of: Headed, items: Sequence[Column], draft: Draft) -> None:
    """General facts: in each row what it is, its value, and the English text beside it."""
    places_of = {column.key: place for place, column in of.columns.items()}
    label, value, english = places_of["item"], places_of["value"], places_of["english"]
    known = {unmarked(name): item for item in items for name in (item.heading, item.vi, item.en)}
    seen: set[str] = set()
    for row in of.rows:
        at = of.sheet.at(row.number, label)
        item = known.get(unmarked(row.cells[label].text)) if label in row.cells else None
        if item is None:
            draft.fault(at, "không có mục nào tên như vậy", "there is no such item", leaves_out=False)
            continue
        name, _, part = item.key.partition(".")
        path: Path = (name, draft.count((name,))) if name == "remarks" else (name,)
        if name != "remarks" and item.key in seen:
            draft.fault(at, "mục này có hai lần", "this item stands twice")
            continue
        seen.add(item.key)
        read = of._replace(columns={value: item, english: item})
        places = {value: (*path, part) if part else path}
        if part == "vi":
            places[english] = (*path, "en")
        elif english in row.cells:
            draft.fault(of.sheet.at(row.number, english), *_NOTHING_HERE)
        for place, where in places.items():
            _put(draft, read, row, place, where)


_NOTHING_HERE: Final = ("ô này không dùng ở dòng này", "this cell is of no use in this row")


class Folding:
    """Folds one table. A row begins a thing, or belongs to the one above."""

    def __init__(self, of: Headed, table: Table, draft: Draft) -> None:
        self._of, self._table, self._draft = of, table, draft
        self._of_thing = {column.key: place for place, column in of.columns.items() if column.key}
        self._of_below = {column.below: place for place, column in of.columns.items() if column.below}
        self._thing: Path | None = None
        self._lost = False
        """Whether the thing above could not be placed: then what is below it says nothing either."""
        self._levels: list[Path] = []

    def fold(self) -> None:
        """All rows."""
        draft, table = self._draft, self._table
        draft.content.setdefault(table.at, {} if table.by_code else [])
        draft.place((table.at,), self._of.sheet.at(self._of.row, 0))
        for row in self._of.rows:
            begins = [place for place, column in self._columns(row) if column.key in table.lead]
            if begins or not table.lead:
                self._begin(row)
            elif self._thing is None or not table.below:
                if not self._lost:
                    place = min(place for place, _ in self._columns(row))
                    vi, en = "dòng này không thuộc mục nào: thiếu mã", "this row belongs to nothing: a code is missing"
                    draft.fault(self._of.sheet.at(row.number, place), vi, en)
            else:
                self._below(row, self._thing)

    def _begin(self, row: Row) -> None:
        thing = self._thing = self._path(row)
        self._lost = thing is None
        if thing is None:
            return
        draft = self._draft
        draft.put(thing, {})
        for begun in self._begun(row):
            draft.put((*thing, begun), [])
        for place, column in self._of.columns.items():
            if not column.key:
                if place in row.cells:
                    draft.fault(self._of.sheet.at(row.number, place), *_NOTHING_HERE)
            elif column.key != "level" and not (column.key == "code" and self._table.by_code):
                _put(draft, self._of, row, place, (*thing, *column.key.split(".")))
        draft.place(thing, self._of.sheet.at(row.number, self._of_thing.get("code", 0)))

    def _begun(self, row: Row) -> Sequence[str]:
        """Lists that a thing has even where they are empty."""
        if self._table is CRITERIA:
            return ("criteria",) if len(self._levels) == 1 else ()
        source = self._value(row, "source") if self._table is INDICATORS else None
        return ("numerator",) if source == "events" else ()

    def _path(self, row: Row) -> Path | None:
        """Where the thing of a row stands in the document; None, and a fault, where that cannot be said."""
        table, draft = self._table, self._draft
        if table is CRITERIA:
            return self._nested(row)
        if not table.by_code:
            return (table.at, draft.count((table.at,)))
        code = self._value(row, "code", say=True)
        if code is WRONG:
            return None
        path = (table.at, code)
        if draft.has(path):
            draft.fault(self._at(row, "code"), f"mã `{code}` có hai lần", f"the code {code} stands twice", path)
            return None
        return path

    def _nested(self, row: Row) -> Path | None:
        level = self._value(row, "level", say=True)
        deepest = min(len(self._levels) + 1, _DEEPEST)
        if not isinstance(level, int) or not 1 <= level <= deepest:
            if level is not WRONG:
                vi, en = f"phải là số nguyên từ 1 đến {deepest}", f"must be a whole number from 1 to {deepest}"
                self._draft.fault(self._at(row, "level"), vi, en)
            return None
        above: Path = (*self._levels[level - 2], "criteria") if level > 1 else (self._table.at,)
        path = (*above, self._draft.count(above))
        self._levels = [*self._levels[: level - 1], path]
        return path

    def _below(self, row: Row, thing: Path) -> None:
        given = {column.below: place for place, column in self._columns(row) if column.below}
        for place, column in self._columns(row):
            if not column.below:
                self._draft.fault(self._of.sheet.at(row.number, place), *_NOTHING_HERE)
        paths = self._paths(row, thing, given)
        if paths is None:
            return
        for name, path in paths.items():
            _put(self._draft, self._of, row, self._of_below[name], path)
        for name in given.keys() - paths.keys() - {self._table.below}:
            self._draft.fault(self._of.sheet.at(row.number, given[name]), *_NOTHING_HERE)

    def _paths(self, row: Row, thing: Path, given: Mapping[str, int]) -> Mapping[str, Path] | None:
        """Where the cells of a row below a thing stand in the document, by what they are; None where they cannot."""
        draft = self._draft
        key = self._table.below
        if self._table is CRITERIA and key not in given:
            steps: Path = (*thing, "rule", "steps")
            step = (*steps, draft.count(steps))
            return {name: (*step, name) for name in ("at_least", "above", "share")}
        called = self._value(row, key, say=True, below=True)
        if called is WRONG:
            return None
        if self._table is CRITERIA:
            paths = {"indicator": (*thing, "inputs", called), "share": (*thing, "rule", "shares", called)}
            paths = {name: path for name, path in paths.items() if name in given}
            if not paths:
                vi, en = "thiếu chỉ tiêu hoặc phần của điểm", "an indicator or a share of the points is missing"
                draft.fault(self._at(row, key, below=True), vi, en, thing)
        elif self._table is INDICATORS:
            term = (*thing, called, draft.count((*thing, called)))
            return {name: (*term, name) for name in ("measure", "states")}
        elif self._table is PARTS:
            paths = {"points": (*thing, "points_of", called)}
        else:
            paths = {"indicator": (*thing, "inputs", called)}
        if any(draft.has(path) for path in paths.values()):
            draft.fault(self._at(row, key, below=True), f"`{called}` có hai lần", f"{called} stands twice", thing)
            return None
        return paths

    def _columns(self, row: Row) -> Iterator[tuple[int, Column]]:
        """The columns that are filled in a row."""
        return ((place, self._of.columns[place]) for place in row.cells if place in self._of.columns)

    def _at(self, row: Row, name: str, *, below: bool = False) -> str:
        return self._of.sheet.at(row.number, (self._of_below if below else self._of_thing)[name])

    def _value(self, row: Row, name: str, *, say: bool = False, below: bool = False) -> Any:
        """A value that says where others stand; `WRONG`, and a fault if wanted, where it cannot be read."""
        place = (self._of_below if below else self._of_thing)[name]
        try:
            if place not in row.cells:
                raise Wrong("còn trống", "is blank")
            return cells.read(row.cells[place], self._of.columns[place], since_1904=self._of.sheet.since_1904)
        except Wrong as error:
            if say:
                self._draft.fault(self._at(row, name, below=below), error.vi, str(error))
            return WRONG


def _put(draft: Draft, of: Headed, row: Row, place: int, path: Path) -> None:
    """Say where something stands, or would, and what the cell says of it."""
    at = of.sheet.at(row.number, place)
    draft.place(path, at)
    if place not in row.cells:
        if at in draft.wrong:  # it belongs to a merged one
            draft.put(path, WRONG)
        return
    try:
        draft.put(path, cells.read(row.cells[place], of.columns[place], since_1904=of.sheet.since_1904))
    except Wrong as error:
        draft.fault(at, error.vi, str(error), path)
        draft.put(path, WRONG)
