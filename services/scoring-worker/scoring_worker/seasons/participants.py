"""The units of a season: which take part, which appraise, and what is wrong with those that were named."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.periods import Period
from scoring_worker.seasons import repository
from scoring_worker.seasons.domain import Fault, Member, repeated
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import Unit, holder

AGAIN: Final = Text("đã có ở trên", "stands above already")


class Scope(NamedTuple):
    """What the units of a season have in common: the set, the period, and who stands above them (None: the city)."""

    index_set: IndexSet
    period: Period
    owner: str | None


def faults_of_kinds(scope: Scope, kinds: Sequence[UnitKind]) -> list[Fault]:
    """Kinds that the set does not score."""
    words = Text("bộ chỉ số không chấm loại này", "is no kind of the set")
    return [Fault(f"kinds.{place}", words) for place, kind in enumerate(kinds) if kind not in scope.index_set.kinds]


async def of_kinds(conn: AsyncConnection, scope: Scope, kinds: Sequence[UnitKind]) -> tuple[list[Member], list[Fault]]:
    """All units of these kinds, or of those that the set is for, as they are now."""
    period = scope.period
    codes = await units_repository.there(conn, kinds or scope.index_set.kinds, period.first_day, period.last_day)
    chosen = {
        code: unit for code, unit in (await _holders(conn, codes, period)).items() if unit and _below(unit, scope)
    }
    if not chosen:
        return [], [Fault("units", Text("không có đơn vị nào", "no unit would take part"))]
    taken = await _taken(conn, scope, chosen)
    return _members(chosen), [Fault("units", words) for _, words in sorted(taken.items())]


async def named(conn: AsyncConnection, scope: Scope, codes: Sequence[str]) -> tuple[list[Member], list[Fault]]:
    """The units that were named, as they are now, and what is wrong with each."""
    holders = await _holders(conn, codes, scope.period)
    wrong = {place: _wrong(holders[code], scope) for place, code in enumerate(codes)}
    chosen = {code: unit for code, unit in holders.items() if unit and _below(unit, scope)}
    taken = await _taken(conn, scope, chosen)
    found = [Fault(f"units.{place}", words) for place, words in wrong.items() if words]
    found += [Fault(f"units.{place}", AGAIN) for place in repeated(codes)]
    found += [Fault(f"units.{codes.index(code)}", words) for code, words in sorted(taken.items())]
    return _members(chosen), found


async def faults_of_appraisers(conn: AsyncConnection, scope: Scope, appraisers: Mapping[str, str]) -> list[Fault]:
    """What is wrong with units that are to appraise fields."""
    fields = {part.code for part in scope.index_set.fields}
    holders = await _holders(conn, set(appraisers.values()), scope.period)
    found = []
    for code, unit in appraisers.items():
        if code not in fields:
            found.append(Fault(f"appraisers.{code}", Text("không phải lĩnh vực của bộ", "is no field of the set")))
        if holders[unit] is None:
            found.append(Fault(f"appraisers.{code}", Text("không có đơn vị này", "there is no such unit")))
    return found


async def _holders(conn: AsyncConnection, codes: Collection[str], period: Period) -> dict[str, Unit | None]:
    held_by = await units_repository.by_code(conn, codes)
    return {code: holder(held_by.get(code, ()), period) for code in sorted(codes)}


async def _taken(conn: AsyncConnection, scope: Scope, codes: Collection[str]) -> dict[str, Text]:
    """Those that take part in a season of the set and period already."""
    there = await repository.in_seasons(conn, scope.index_set.code, scope.period.code, codes)
    return {
        unit: Text(f"`{unit}` đã ở đợt `{season}`", f"{unit} takes part in {season} already")
        for unit, season in there.items()
    }


def _wrong(unit: Unit | None, scope: Scope) -> Text | None:
    if unit is None:
        return Text("không có đơn vị này trong kỳ", "there is no such unit in the period")
    if unit.kind not in scope.index_set.kinds:
        return Text("bộ chỉ số không chấm loại đơn vị này", "is of a kind that the set is not for")
    return None if _below(unit, scope) else Text("không trực thuộc đơn vị tổ chức đợt", "is not below the owner")


def _below(unit: Unit, scope: Scope) -> bool:
    return scope.owner is None or unit.parent == scope.owner


def _members(chosen: Mapping[str, Unit]) -> list[Member]:
    return [Member(unit.code, unit.name, unit.kind) for unit in chosen.values()]
