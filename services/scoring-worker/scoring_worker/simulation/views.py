"""Simulations as readers see them."""

from collections.abc import Iterable, Mapping
from datetime import date

from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.evaluation import Score
from scoring_worker.index_sets.leaf import ZERO
from scoring_worker.scores.picture import RankedScore
from scoring_worker.simulation.schemas import Gain, Gains, SimulatedScore, SimulatedUnit, Simulation


def simulation(
    index_set: IndexSet,
    period: str,
    before: Iterable[RankedScore],
    after: Iterable[RankedScore],
    *,
    done_by: date | None,
    not_found: Iterable[str],
) -> Simulation:
    """Both lists as one."""
    former = {one.code: one for one in before}
    notice = index_set.notice
    return Simulation(
        set=index_set.code,
        version=index_set.version,
        period=period,
        template=index_set.template,
        notice=notice.vi if notice else None,
        notice_en=notice.en if notice else None,
        done_by=done_by,
        not_found=sorted(not_found),
        items=[_unit(one, former) for one in after],
    )


def gains(index_set: IndexSet, unit: str, period: str, score: Score, items: list[Gain]) -> Gains:
    """The most first."""
    notice = index_set.notice
    return Gains(
        unit=unit,
        set=index_set.code,
        version=index_set.version,
        period=period,
        template=index_set.template,
        notice=notice.vi if notice else None,
        notice_en=notice.en if notice else None,
        percent=score.percent,
        items=sorted(items, key=lambda item: (-item.percent, -item.total, item.due_at, item.code)),
    )


def gain(duty: Duty, state: DutyState, before: Score, after: Score) -> Gain:
    """What doing it now would bring."""
    return Gain.model_validate(
        {
            "code": duty.code,
            "measure": duty.measure,
            "state": state.value,
            "due_at": duty.due_at,
            "total": after.total - before.total,
            "max": after.max - before.max,
            "percent": (after.percent or ZERO) - (before.percent or ZERO),
        }
    )


def _unit(one: RankedScore, former: Mapping[str, RankedScore]) -> SimulatedUnit:
    name = one.unit.name if one.unit else None
    return SimulatedUnit(unit=one.code, name=name, kind=one.kind, before=_score(former[one.code]), after=_score(one))


def _score(one: RankedScore) -> SimulatedScore:
    score = one.score
    band = one.band.code if one.band else None
    return SimulatedScore(total=score.total, max=score.max, percent=score.percent, rank=one.rank, band=band)
