"""A month's figures as they are published: sheets, what they add up, and what a new version of them changes.

What is counted, and by what, is the service's: figures, cells and the tables of a sheet.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from cchc_shared.calendar.months import Month
from cchc_shared.contract.provenance import Text

PERIODS: Final = ("month", "year")
"""Each row counts what was received in the month, and in the year up to its end."""


class Cell(Protocol):
    """Counts of what was received in one month, and what these things share: its other attributes."""

    @property
    def month(self) -> Month: ...


F = TypeVar("F", bound=msgspec.Struct)
C = TypeVar("C", bound=Cell)


class Named(msgspec.Struct, frozen=True):
    """A code with its name on the day the sheet was made. The code is null for what has none."""

    code: str | None
    name: Text


class Row(msgspec.Struct, Generic[F], frozen=True):
    """The figures of what was received in the month, and in the year up to its end."""

    code: str | None
    name: Text
    month: F
    year: F


class Change(msgspec.Struct, frozen=True):
    """A figure that the former version gave otherwise."""

    table: str
    code: str | None
    name: Text
    period: str
    figure: str
    old: int | float | None
    new: int | float | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What every sheet begins with: of the whole city (`unit` is null), or of one unit.

    Its JSON is kept for ever, and read by its type: a later field needs a default. A service adds its tables, and
    `changes` after them.
    """

    publication: str
    month: str
    unit: Named | None
    version: int
    issuer: Text
    published_at: datetime
    as_of: date
    known_at: date
    rule: str | None
    rules_version: str
    reason: str | None

    @property
    def changes(self) -> Sequence[Change]:
        """Against the former version; none in the first."""
        raise NotImplementedError

    def tables(self) -> Mapping[str, Sequence[Row[Any]]]:
        """All rows, table by table."""
        raise NotImplementedError


S = TypeVar("S", bound=Sheet)
TOTAL: Final = Named(None, Text("Tổng số", "Total"))


def total(cells: Iterable[C], month: Month, figures: Callable[[Iterable[C]], F]) -> Row[F]:
    """The row of everything."""
    return _row(TOTAL, list(cells), month, figures)


def table(
    cells: Iterable[C], by: str, month: Month, names: Iterable[Named], figures: Callable[[Iterable[C]], F]
) -> list[Row[F]]:
    """A row for each name, zeros too, and after them one for each code without a name. `by` is what cells share."""
    found: defaultdict[str | None, list[C]] = defaultdict(list)
    for cell in cells:
        found[getattr(cell, by)].append(cell)
    rows = [_row(named, found.pop(named.code, []), month, figures) for named in names]
    rest = sorted(found.items(), key=lambda item: item[0] or "")
    nameless = [(Named(code, Text(code or "", code or "")), of_code) for code, of_code in rest]
    return rows + [_row(named, of_code, month, figures) for named, of_code in nameless]


def _row(named: Named, cells: Sequence[C], month: Month, figures: Callable[[Iterable[C]], F]) -> Row[F]:
    in_month = (cell for cell in cells if cell.month == month)
    return Row(named.code, named.name, month=figures(in_month), year=figures(cells))


def following(former: S | None, version: int, sheet: S, nothing: msgspec.Struct) -> S:
    """The sheet as the next version, with what it changes. `nothing` are the figures of a row that is not there."""
    return replace(sheet, version=version, changes=changes(former, sheet, nothing))


def changes(former: S | None, sheet: S, nothing: msgspec.Struct) -> list[Change]:
    """What the sheet gives otherwise than its former version. A row that one of them lacks counts as zeros."""
    old = {} if former is None else _rows(former)
    new = _rows(sheet)
    return [
        Change(by, code, (new.get(key) or old[key]).name, period, figure, before, after)
        for key in dict.fromkeys((*new, *old))
        for by, code in (key,)
        for period in PERIODS
        for figure in nothing.__struct_fields__
        for before, after in ((_figure(old, key, period, figure, nothing), _figure(new, key, period, figure, nothing)),)
        if before != after
    ]


_Rows = Mapping[tuple[str, str | None], Row[Any]]


def _rows(sheet: Sheet) -> _Rows:
    return {(by, row.code): row for by, rows in sheet.tables().items() for row in rows}


def _figure(
    rows: _Rows, key: tuple[str, str | None], period: str, figure: str, nothing: msgspec.Struct
) -> int | float | None:
    row = rows.get(key)
    found: int | float | None = getattr(nothing if row is None else getattr(row, period), figure)
    return found
