"""What is checked of numbers before they are taken in."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NamedTuple

from cchc_shared.contract.provenance import Text
from scoring_worker.index_sets.indicators import Indicator
from scoring_worker.values.domain import Entered

PROPOSED: Final = 3


class Fault(NamedTuple):
    """What is wrong with an item: its place in the list, and its field, or None for the whole."""

    item: int
    field: str | None
    message: Text


class Known(NamedTuple):
    """An indicator that some index set reads, with these sets."""

    indicator: Indicator
    sets: tuple[str, ...]


def faults(
    items: Sequence[Entered],
    known: Mapping[str, Known],
    there: Mapping[str, Mapping[str, bool]],
    frozen: Mapping[tuple[str, str, str], str] = MappingProxyType({}),
) -> list[Fault]:
    """Everything that is wrong with the items; `there` says for each period which units it is scored for, `frozen`
    which numbers a published season has read."""
    found = []
    seen: dict[tuple[str, str, str], int] = {}
    for index, item in enumerate(items):
        found += [Fault(index, field, Text(vi, en)) for field, vi, en in _of_item(item, known, there[item.period])]
        if (season := frozen.get(item.key)) is not None:
            vi, en = f"đã chốt theo đợt chấm điểm `{season}`", f"was frozen when the season {season} was published"
            found.append(Fault(index, "period", Text(vi, en)))
        if (first := seen.setdefault(item.key, index)) != index:
            vi = f"trùng với mục số {first}: cùng đơn vị, kỳ và chỉ tiêu"
            found.append(Fault(index, None, Text(vi, f"is the same as item {first}: one unit, period and indicator")))
    return found


def _of_item(item: Entered, known: Mapping[str, Known], units: Mapping[str, bool]) -> list[tuple[str, str, str]]:
    faults = []
    if not units[item.unit]:
        faults.append(("unit", "không phải là đơn vị nào trong kỳ này", "is no unit in this period"))
    of = known.get(item.indicator)
    if of is None:
        near = ", ".join(f"`{code}`" for code in get_close_matches(item.indicator, known, PROPOSED))
        faults.append(
            (
                "indicator",
                "không có trong bộ chỉ số nào" + (f"; gần giống: {near}" if near else ""),
                "is in no index set" + (f"; near to it: {near}" if near else ""),
            )
        )
    elif not of.indicator.may_be_entered:
        faults.append(("indicator", "được tính tự động, không nhập số", "is computed; no number is entered"))
    else:
        faults += _of_numbers(item, of.indicator)
    return faults


def _of_numbers(item: Entered, indicator: Indicator) -> list[tuple[str, str, str]]:
    n, d, value = item.numerator, item.denominator, item.value
    if not item.applicable:
        given = next((name for name in ("numerator", "denominator", "value") if getattr(item, name) is not None), None)
        return (
            [] if given is None else [(given, "không có khi chỉ tiêu không áp dụng", "goes with no applicable: false")]
        )
    if value is not None and (n is not None or d is not None):
        return [("value", "không đi cùng tử số, mẫu số", "does not go with a numerator or denominator")]
    if n is None and d is not None:
        return [("numerator", "cần có khi có mẫu số", "is needed with a denominator")]
    if indicator.of == "amount":
        if d is not None:
            return [("denominator", "không có: chỉ tiêu này là một số lượng", "has none: this indicator is an amount")]
        return []
    if n is not None and d is None:
        return [("denominator", "cần có: chỉ tiêu này là một tỷ lệ", "is needed: this indicator is a share")]
    if n is not None and d is not None and n > d:
        return [("numerator", f"không lớn hơn mẫu số {d}", f"must not be above the denominator {d}")]
    if value is not None and value > 1:
        return [("value", "là tỷ lệ từ 0 đến 1 (1 là 100%)", "is a share from 0 to 1 (1 is 100 %)")]
    return []
