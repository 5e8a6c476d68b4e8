"""A workbook as an index set: whole, or refused with every fault in it, each with its cell."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import yaml
from anyio import CapacityLimiter

from cchc_shared.contract.wording import unmarked
from cchc_shared.files.apart import read_apart
from cchc_shared.files.packages import Package, broken
from cchc_shared.files.unreadable import Unreadable
from cchc_shared.files.workbooks import Merged, Workbook
from scoring_worker.index_sets.document import Document, FaultyDocument, load, load_content, plain, typed
from scoring_worker.index_sets.faults import Fault
from scoring_worker.workbooks.draft import Draft
from scoring_worker.workbooks.folding import Folding, Sheet, fold_general, headed
from scoring_worker.workbooks.layout import GENERAL, GENERAL_COLUMNS, GENERAL_NAME, LISTS_NAME, TABLES

MOST_UNPACKED: Final = 50_000_000
"""Bytes that a workbook may unpack to; a set of a hundred criteria takes some hundred thousand."""
MOST_CELLS: Final = 100_000
"""Cells that hold something, and ranges that are merged; a set of a hundred criteria takes some three thousand."""
MOST_FAULTS: Final = 200
"""Faults that are named: of a table that was pasted into the wrong column nobody reads more."""
_OF_NO_USE: Final = ("không dùng ở dòng này", "is of no use in this row")
_BOOK: Final = "xl/"


def sheets(content: bytes) -> list[Sheet]:
    """All sheets, those that are hidden too: what cannot be seen must not be left out. Raises `Unreadable`."""
    package = Package(content, MOST_UNPACKED)
    main = package.main()
    if not main.startswith(_BOOK) or not main.endswith(".xml"):
        raise broken()
    book = Workbook(package, main)
    left = MOST_CELLS
    found = []
    for tab in book.tabs:
        if book.is_sheet(tab):
            sheet = Sheet(tab.name, [], [], book.since_1904)
            found.append(sheet)
            for each in book.elements(tab):
                if isinstance(each, Merged):
                    sheet.merged.append(each)
                else:
                    sheet.rows.append(each)
                left -= 1 if isinstance(each, Merged) else len(each.cells)
                if left < 0:
                    raise Unreadable(f"Tệp có hơn {MOST_CELLS} ô.", f"The file has more than {MOST_CELLS} cells.")
    return found


async def read(content: bytes, places: CapacityLimiter) -> Document:
    """The index set of a workbook, which a process of its own unpacks. Raises `FaultyDocument`."""
    try:
        found = await read_apart(sheets, content, places=places)
    except Unreadable as error:
        raise FaultyDocument([Fault("", error.message.vi, error.message.en)]) from error
    return document(found)


def document(given: Sequence[Sheet]) -> Document:
    """The index set that these sheets hold. Raises `FaultyDocument`."""
    draft = Draft()
    fold(given, draft)
    try:
        typed(draft.content)
        loaded = load_content(draft.content) if draft.is_whole else None
    except FaultyDocument as error:
        placed = [_worded(draft.placed(fault)) for fault in error.faults]
        draft.faults += [fault for fault in placed if fault.cell not in draft.wrong]
        loaded = None
    if draft.faults or loaded is None:
        raise FaultyDocument(draft.faults[:MOST_FAULTS])
    text = yaml.safe_dump(plain(loaded.index_set), allow_unicode=True, sort_keys=False, width=120)
    return replace(load(text), cells=draft.cells)  # from what is kept, as everybody will read it


def fold(given: Sequence[Sheet], draft: Draft) -> None:
    """Put what the sheets say into a draft. Raises `FaultyDocument` where they are not those of an index set."""
    by_name: dict[str, Sheet] = {}
    for sheet in given:
        if by_name.setdefault(unmarked(sheet.name), sheet) is not sheet:
            draft.fault(sheet.at(1, 0), "trang tính này có hai lần", "this sheet stands twice")
    needed = [GENERAL_NAME, *(table.name for table in TABLES if table.is_needed)]
    missing = [name for name in needed if unmarked(name) not in by_name]
    if missing:
        names = ", ".join(f"“{name}”" for name in missing)
        vi = f"không phải bảng tính của một bộ chỉ số, hoặc thiếu trang tính: {names}; hãy tải một bộ chỉ số về làm mẫu"
        en = f"no workbook of an index set, or one without these sheets: {names}; fetch any set as a template"
        raise FaultyDocument([Fault("", vi, en)])
    for name in by_name.keys() - {unmarked(name) for name in (*needed, *(t.name for t in TABLES), LISTS_NAME)}:
        if by_name[name].rows:
            vi, en = (
                "trang tính này không thuộc bộ chỉ số: hãy bỏ đi",
                "this sheet is no part of an index set: take it out",
            )
            draft.fault(f"{by_name[name].name}!A1", vi, en, leaves_out=False)
    tables = [table for table in TABLES if unmarked(table.name) in by_name]
    general = headed(by_name[unmarked(GENERAL_NAME)], GENERAL_COLUMNS, draft)
    found = [(table, headed(by_name[unmarked(table.name)], table.columns, draft)) for table in tables]
    if general is None or any(of is None for _, of in found):
        raise FaultyDocument(draft.faults)
    fold_general(general, GENERAL, draft)
    for table, of in found:
        if of is not None:
            Folding(of, table, draft).fold()


def _worded(fault: Fault) -> Fault:
    """What is a field too much in a document is a cell too much here."""
    if fault.found is not None and fault.found["type"] == "unexpected_keyword_argument":
        return replace(fault, vi=_OF_NO_USE[0], en=_OF_NO_USE[1], found=None)
    return fault
