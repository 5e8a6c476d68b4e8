"""The table of an index that others published of a year, and what must hold in it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from cchc_shared.contract.provenance import Text


class Row(NamedTuple):
    """What was published of one province: a total, the parts that it is the sum of (none: they were not), a rank."""

    territory: str
    total: Decimal
    parts: dict[str, Decimal]
    rank: int | None


class Fault(NamedTuple):
    """What is wrong with a row: its place, its field, and the words."""

    row: int
    field: str
    message: Text


def faults(rows: Sequence[Row], highest: Decimal) -> Iterator[Fault]:
    """Everything that is wrong with a table. `highest` is the total that can be had."""
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        if seen.setdefault(row.territory, number) != number:
            yield Fault(number, "territory", Text("đã có ở một dòng trước", "stands in an earlier row"))
        if row.total > highest:
            yield Fault(number, "total", Text(f"không lớn hơn {highest}", f"must not be above {highest}"))
        if row.parts and (come := sum(row.parts.values())) != row.total:
            vi, en = f"phải bằng tổng các phần, là {come}", f"must be the sum of its parts, which is {come}"
            yield Fault(number, "total", Text(vi, en))
    yield from _of_ranks(rows)


def _of_ranks(rows: Sequence[Row]) -> Iterator[Fault]:
    """Whoever has more ranks before; who has the same may share a rank. Tables of some provinces leave ranks out."""
    ranked = sorted(
        ((row.total, row.rank, number) for number, row in enumerate(rows) if row.rank is not None),
        key=lambda each: (-each[0], each[1]),
    )
    for (total, rank, _), (next_total, next_rank, number) in pairwise(ranked):
        if next_rank < rank or (next_rank == rank and next_total < total):
            vi = f"mâu thuẫn với tổng điểm: {total} xếp thứ {rank}"
            yield Fault(number, "rank", Text(vi, f"contradicts the totals: {total} has rank {rank}"))
