"""What is wrong with a set beside others: one may read another, and the numbers that are entered are read by all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.faults import Fault
from scoring_worker.index_sets.indicators import FromSet, Indicator

Reads = Mapping[str, set[str]]
"""By the code of a set the sets that some version of it reads."""


def clashes(index_set: IndexSet, others: Iterable[IndexSet]) -> Iterator[Fault]:
    """Indicators that another set or version defines as something else: what is entered of them is read by all."""
    mine = {code: each for code, each in index_set.indicators.items() if each.may_be_entered}
    theirs: dict[str, tuple[IndexSet, Indicator]] = {}
    for other in others:
        for code, each in other.indicators.items():
            if code in mine and each.may_be_entered and each.of != mine[code].of:
                theirs.setdefault(code, (other, each))
    for code, (other, each) in theirs.items():
        vi, en = ("tỷ lệ", "a share") if each.of == "share" else ("số lượng", "an amount")
        yield Fault(
            f"indicators.{code}.of",
            f"`{code}` là {vi} trong bộ `{other.code}`, phiên bản `{other.version}`; số liệu được dùng chung",
            f"{code} is {en} in {other.code} {other.version}, and what is entered is read by both",
        )


def strays(index_set: IndexSet, others: Sequence[IndexSet]) -> Iterator[Fault]:
    """Indicators that read a set or a field that is not there, or that come back to this set."""
    fields = defaultdict[str, set[str]](set)
    reads = defaultdict[str, set[str]](set)
    for other in (index_set, *others):
        fields[other.code] |= {part.code for part in other.fields if part.adds == "points"}
        reads[other.code] |= read_by(other)
    for code, each in index_set.indicators.items():
        if not isinstance(each, FromSet):
            continue
        at = f"indicators.{code}"
        if each.set not in fields:
            yield Fault(f"{at}.set", f"chưa có bộ chỉ số `{each.set}`", f"there is no index set {each.set}")
        elif (way := _way(each.set, index_set.code, reads)) is not None:
            path = " → ".join((index_set.code, *way))
            yield Fault(f"{at}.set", f"các bộ chỉ số đọc lẫn nhau: `{path}`", f"index sets read each other: {path}")
        elif each.field is not None and each.field not in fields[each.set]:
            known = ", ".join(sorted(fields[each.set]))
            yield Fault(
                f"{at}.field",
                f"`{each.field}` không phải lĩnh vực có điểm của bộ `{each.set}`: `{known}`",
                f"{each.field} is no field with points of {each.set}: {known}",
            )


def read_by(index_set: IndexSet) -> set[str]:
    """The sets that a set reads."""
    return {each.set for each in index_set.indicators.values() if isinstance(each, FromSet)}


def _way(start: str, end: str, reads: Reads) -> list[str] | None:
    """The shortest way from one set to another that it reads, or that those read; both are named in it."""
    ways, seen = [[start]], {start}
    for way in ways:
        if way[-1] == end:
            return way
        ways += [[*way, further] for further in sorted(reads.get(way[-1], set()) - seen)]
        seen |= reads.get(way[-1], set())
    return None
