"""Units of the administration: which exist in which period, and by which names documents refer to them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import msgspec

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.rules import RuleBroken
from tasks_api.units.rules import Group, Groups
from tasks_api.wording import plain


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """An office for the period in which it has one code and one name.

    `(code, valid_from)` identifies it, because the same official code passes to another unit after a merger.
    `valid_from` None means since before the records, `valid_to` None until further notice; both days are inclusive.
    """

    code: str
    name: str
    kind: UnitKind
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "Unit") -> bool:
        """Whether some day belongs to both periods."""
        return (
            (self.valid_from or date.min) <= (other.valid_to or date.max)
            and (other.valid_from or date.min) <= (self.valid_to or date.max)
        )  # fmt: skip

    @property
    def subject(self) -> str:
        """The aggregate's id in events."""
        return f"{self.code}@{self.valid_from}" if self.valid_from else self.code


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Who heads a unit in a period; both days are inclusive, `valid_to` None means until further notice.

    What a unit does badly is first its head's responsibility.
    """

    name: str
    office: str
    valid_from: date
    valid_to: date | None = None


def check_heads(heads: Sequence[Head], periods: Sequence[Unit]) -> None:
    """Each begins and ends within one period of the unit, and no two share a day. Raises `RuleBroken`."""
    for index, head in enumerate(heads):
        if head.valid_to and head.valid_to < head.valid_from:
            raise RuleBroken(f"heads.{index}.valid_to", "trước ngày đầu", "is before the first day")
        if not any(
            each.valid_on(head.valid_from) and each.valid_on(head.valid_to or head.valid_from) for each in periods
        ):
            raise RuleBroken(
                f"heads.{index}.valid_from",
                "đơn vị không tồn tại suốt thời gian này",
                "the unit did not exist for all of this period",
            )
    ordered = sorted(range(len(heads)), key=lambda index: heads[index].valid_from)
    for before, after in pairwise(ordered):
        if heads[after].valid_from <= (heads[before].valid_to or date.max):
            raise RuleBroken(
                f"heads.{after}.valid_from",
                "trùng thời gian với người đứng đầu khác",
                "shares a day with another head",
            )


class Succession(NamedTuple):
    """One unit takes the place of another that ended after `until`, its last day. Both may have one code."""

    ended: str
    until: date
    heir: str


def successors_on(unit: Unit, units: Iterable[Unit], day: date) -> list[Unit]:
    """The units of a day that succeeded this one, at any distance, among these."""
    known: dict[str, list[Unit]] = {}
    for each in units:
        known.setdefault(each.code, []).append(each)
    found: dict[str, Unit] = {}
    seen, waiting = set[str](), list(unit.successors)
    while waiting:
        code = waiting.pop(0)
        if code in seen:
            continue
        seen.add(code)
        periods = known.get(code, [])
        there = [each for each in periods if each.valid_on(day)]
        found.update((each.code, each) for each in there)
        waiting += [heir for each in ([] if there else periods) for heir in each.successors]
    return list(found.values())


def is_within(lead: Unit | None, own: str) -> bool:
    """Whether a unit that is not the city may assign to that one: itself, and what stands under it."""
    return lead is not None and own in {lead.code, lead.parent}


class UnitIndex:
    """The units valid on one day, looked up by the names that documents use."""

    def __init__(self, units: Iterable[Unit], groups: Groups, on: date) -> None:
        self.on = on
        self._units = sorted((unit for unit in units if unit.valid_on(on)), key=lambda unit: unit.code)
        self._by_code = {unit.code: unit for unit in self._units}
        self._groups = {group.code: group for group in groups.groups}
        self._group_wordings: dict[str, Group] = {}
        for group in groups.groups:
            for wording in group.wordings:
                self._group_wordings.setdefault(plain(wording), group)
        self._prefixes = tuple(plain(prefix) + " " for prefix in groups.committee_prefixes)
        self._by_name: dict[str, list[Unit]] = {}
        for unit in self._units:
            self._by_name.setdefault(self._bare(unit.name), []).append(unit)

    def get(self, code: str) -> Unit | None:
        return self._by_code.get(code)

    def group(self, wording: str) -> Group | None:
        """The group with that wording or code."""
        return self._group_wordings.get(plain(wording)) or self._groups.get(wording.strip())

    def knows(self, code: str) -> bool:
        """Whether it is the code of a unit or group."""
        return code in self._by_code or code in self._groups

    def named(self, name: str) -> list[Unit]:
        """The units with that name or code; several when the name alone is ambiguous."""
        by_code = self._by_code.get(name.strip())
        return [by_code] if by_code else self._by_name.get(self._bare(name), [])

    def members(self, group: Group) -> list[Unit]:
        return [unit for unit in self._units if unit.kind in group.kinds]

    def expand(self, codes: Collection[str]) -> set[str]:
        """Codes of units: groups are replaced by their members."""
        units: set[str] = set()
        for code in codes:
            group = self._groups.get(code)
            units.update([unit.code for unit in self.members(group)] if group else [code])
        return units

    def _bare(self, name: str) -> str:
        name = plain(name)
        for prefix in self._prefixes:
            if name.startswith(prefix):
                return name.removeprefix(prefix)
        return name
