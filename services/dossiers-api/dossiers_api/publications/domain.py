"""How dossiers stood at the end of a month, and what a month's publication says of them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self

import msgspec
from msgspec.structs import replace

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import DossierStatus
from cchc_shared.contract.provenance import Text
from cchc_shared.publications import domain
from cchc_shared.publications.domain import Change, Named, Row
from dossiers_api.dossiers.domain import Delivery, Facts, fold
from dossiers_api.statistics.domain import on_time_rate


def stood(said: Collection[Delivery], requests_in_time: int, moment: datetime) -> Facts | None:
    """What a dossier was just before a moment, by these deliveries; None if it was not received by then.

    What happened later is left out. What is said of its receipt and of its appointment holds, whenever it was said: a
    system may tell of a dossier for the first time when it is handled.
    """
    whole, backwards = fold(said, requests_in_time)
    if whole.received_at is None or whole.received_at >= moment:
        return None
    if whole.at < moment:
        return whole
    line = sorted((each for each in said if each.key not in backwards), key=lambda each: each.key)
    allowed = (each.allowed_until for each in line if each.allowed_until is not None)
    held = {
        "received_at": whole.received_at,
        "appointment_at": whole.appointment_at,
        "allowed_until": next(allowed, None),
    }
    receipt = replace(line[0], status=DossierStatus.RECEIVED, at=whole.received_at)
    by_then = [each for each in line if each.at < moment] or [receipt]
    return fold([replace(each, **held) for each in by_then], requests_in_time).facts


class Outcome(StrEnum):
    """How a dossier that was received is counted, as the statistics of dossiers count."""

    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE_OPEN = "overdue_open"
    NOT_DUE = "not_due"
    UNDATED = "undated"


def outcome(facts: Facts, moment: datetime) -> Outcome:
    """How it is counted at a moment, before which all that its facts say happened."""
    if facts.due_at is None:
        return Outcome.UNDATED
    if facts.late_from is not None:
        return Outcome.LATE
    over = facts.ended_at or facts.waiting_since
    if over is not None:
        return Outcome.ON_TIME if over < facts.due_at else Outcome.LATE
    return Outcome.NOT_DUE if facts.due_at > moment else Outcome.OVERDUE_OPEN


class Group(NamedTuple):
    """What dossiers share that are counted together."""

    month: Month
    unit: str
    channel: str
    field: str | None


class Counts(NamedTuple):
    """How many dossiers were received, how many of them had ended, and how many had each outcome."""

    received: int
    ended: int
    on_time: int
    late: int
    overdue_open: int
    not_due: int
    undated: int


class Cell(NamedTuple):
    """Counts of the dossiers that share month of receipt, unit, channel and field; the field's name, if it is known."""

    month: Month
    unit: str
    channel: str
    field: str | None
    counts: Counts
    field_name: str | None = None


def cell(group: Group, outcomes: Iterable[tuple[Outcome, bool]]) -> Cell:
    """Dossiers of one group, each by its outcome and whether it had ended."""
    each = list(outcomes)
    by = Counter(found for found, _ in each)
    counts = Counts(
        received=len(each), ended=sum(ended for _, ended in each), **{str(name): by[name] for name in Outcome}
    )
    return Cell(*group, counts)


class Figures(msgspec.Struct, frozen=True):
    """The figures of one row, by the definitions and under the names of the statistics of dossiers."""

    received: int
    ended: int
    on_time: int
    late: int
    overdue_open: int
    not_due: int
    undated: int
    on_time_rate: float | None

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Self:
        """The sum of cells; the rate is made of the sums."""
        all_counts = [each.counts for each in cells]
        sums = Counts(*(sum(getattr(each, name) for each in all_counts) for name in Counts._fields))
        return cls(*sums, on_time_rate(sums.on_time, sums.late, sums.overdue_open))


NOTHING: Final = Figures.of(())
NO_FIELD: Final = Named(None, Text("Chưa rõ lĩnh vực", "Field not known"))
FEW: Final = "few"
"""Stands for the fields that are not named."""


def without_rare(cells: Sequence[Cell], fewest: int) -> list[Cell]:
    """The same cells, in which fields of fewer dossiers than that are one: such a row would tell of persons."""
    received: Counter[str | None] = Counter()
    for each in cells:
        received[each.field] += each.counts.received
    return [
        each if each.field is None or received[each.field] >= fewest else each._replace(field=FEW) for each in cells
    ]


def fields(cells: Iterable[Cell], fewest: int) -> list[Named]:
    """The names of the fields that there are, those that are none come last."""
    names = {each.field: each.field_name or each.field for each in cells}
    named = [Named(code, Text(name, name)) for code, name in names.items() if code not in {None, FEW} and name]
    rare = Named(FEW, Text(f"Các lĩnh vực dưới {fewest} hồ sơ từ tháng 1", f"Fields of fewer than {fewest} dossiers"))
    last = [each for each in (rare, NO_FIELD) if each.code in names]
    return sorted(named, key=lambda each: (each.name.vi, each.code)) + last


class DossierTable(StrEnum):
    """A table of a sheet: all dossiers, or by one thing."""

    TOTAL = "total"
    CHANNEL = "channel"
    FIELD = "field"
    UNIT = "unit"


class Sheet(domain.Sheet, frozen=True, kw_only=True):
    """What is published of dossiers. Field and unit stand on no sheet together."""

    publication: str = "dossiers"
    total: Row[Figures]
    by_channel: Sequence[Row[Figures]]
    by_field: Sequence[Row[Figures]]
    by_unit: Sequence[Row[Figures]]
    changes: Sequence[Change] = ()

    def tables(self) -> Mapping[str, Sequence[Row[Figures]]]:
        """All rows, table by table."""
        return {
            DossierTable.TOTAL: (self.total,),
            DossierTable.CHANNEL: self.by_channel,
            DossierTable.FIELD: self.by_field,
            DossierTable.UNIT: self.by_unit,
        }
