"""A list as people read it on a sheet: its columns with their headings, and how values are written."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from cchc_shared.service.workbooks import Cell

_YES_OR_NO: Final = {True: "Có", False: "Không"}
UNIT_KINDS: Final[Mapping[str, str]] = {
    UnitKind.DEPARTMENT: "Sở, ban, ngành",
    UnitKind.DISTRICT: "Quận, huyện, thị xã",
    UnitKind.COMMUNE: "Xã, phường",
    UnitKind.SECTION: "Phòng, bộ phận",
    UnitKind.CENTRAL_AGENCY: "Cơ quan trung ương",
    UnitKind.SERVICE_UNIT: "Đơn vị sự nghiệp",
    UnitKind.PROVINCE: "Tỉnh, thành phố",
}
_NO_WORDS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Sheet:
    """What is said of a list for its sheets.

    `file` begins the name of the file. `headings` are Vietnamese, by field of an item; a field of a field has a dot
    (`answer.at`). `words` are those for the codes in a field. `units` are fields that hold codes of units: each gets a
    second column with the names, under that heading. `without` names fields that are of no use on paper. `spread` names
    fields that hold values by name, the same names in every item: each name gets a column.
    """

    file: str
    title: Text
    headings: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[str] = frozenset({"possible", "version"})
    spread: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column:
    """One column. `words` stand for the codes in it; `named` says that the codes are of units, and names stand there.

    One without a heading of its own bears the name of its field.
    """

    field: str
    heading: str
    words: Mapping[str, str]
    named: bool = False
    key: str | None = None
    """Of a field that holds values by name: which of them stands here."""

    def cell(self, item: Any, names: Mapping[str, str], timezone: ZoneInfo) -> Cell:
        """What stands in this column for an item."""
        for name in self.field.split("."):
            item = None if item is None else getattr(item, name)
        if self.key is not None:
            item = item.get(self.key)
        return _cell(item, names if self.named else self.words, timezone)


def columns_of(item: type[BaseModel], sheet: Sheet, above: str = "") -> Iterator[Column]:
    """The columns of a list in the order of the fields of its items, those of models within them too."""
    for name, of in item.model_fields.items():
        place = f"{above}{name}"
        if place in sheet.without:
            continue
        if below := model_in(of.annotation):
            yield from columns_of(below, sheet, f"{place}.")
            continue
        yield Column(place, sheet.headings.get(place, place), sheet.words.get(place, _NO_WORDS))
        if place in sheet.units:
            yield Column(place, sheet.units[place], _NO_WORDS, named=True)


def spread(columns: Iterable[Column], sheet: Sheet, items: Sequence[Any]) -> Iterator[Column]:
    """The columns of a sheet with these items: a field that is spread has one for each name in the first of them."""
    for column in columns:
        if items and column.field in sheet.spread:
            for key in getattr(items[0], column.field):
                yield replace(column, heading=f"{column.heading} {key}", key=key)
        else:
            yield column


def notes(sheet: Sheet, columns: Sequence[Column], made_at: datetime) -> Iterator[Sequence[str]]:
    """What the file is, and for each column the field of the contract, with the codes for which its words stand."""
    yield sheet.title.vi, sheet.title.en
    yield "Xuất lúc (giờ địa phương)", f"{made_at:%H:%M %d/%m/%Y}"
    yield ()
    yield "Cột", "Tên trường trong giao diện lập trình", "Mã", "Nghĩa của mã"
    for column in columns:
        yield column.heading, column.field
        for code, word in column.words.items():
            yield "", "", code, word


def model_in(annotation: Any) -> Any:
    """The model that an annotation names, alone or beside None; None where it names none, or many."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {list, tuple, dict}:
        return None
    return next((found for each in get_args(annotation) if (found := model_in(each))), None)


def _cell(value: Any, words: Mapping[str, str], timezone: ZoneInfo) -> Cell:
    if isinstance(value, datetime):
        return value.astimezone(timezone).replace(tzinfo=None)
    if isinstance(value, date | None):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list | tuple):
        return "\n".join(_text(each, words, timezone) for each in value)
    if isinstance(value, dict):
        return "\n".join(f"{words.get(name, name)}: {_text(each, {}, timezone)}" for name, each in value.items())
    return _text(value, words, timezone)


def _text(value: Any, words: Mapping[str, str], timezone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return _YES_OR_NO[value]
    if isinstance(value, BaseModel):
        cells = (_cell(part, words, timezone) for _, part in value)
        return " · ".join(str(cell).replace("\n", ", ") for cell in cells if cell not in {None, ""})
    text = str(value.value if isinstance(value, Enum) else value)
    return words.get(text, text)
