"""Stability of ranks as readers see it."""

from cchc_shared.contract.codes import UnitKind
from scoring_worker.index_sets.domain import IndexSet
from scoring_worker.index_sets.leaf import SHOWN_PLACES
from scoring_worker.index_sets.reading import rounded
from scoring_worker.scores.picture import RankedScore
from scoring_worker.sensitivity.domain import Draws, Found, Stability
from scoring_worker.sensitivity.schemas import PlaceSwap, Sensitivity, SensitivityUnit


def sensitivity(
    index_set: IndexSet, period: str, kind: UnitKind, draws: Draws, scores: list[RankedScore], found: Found
) -> Sensitivity:
    """The ranked units as they are listed, then those without a rank."""
    notice = index_set.notice
    ranked = [one for one in scores if one.rank is not None]
    return Sensitivity(
        set=index_set.code,
        version=index_set.version,
        period=period,
        template=index_set.template,
        notice=notice.vi if notice else None,
        notice_en=notice.en if notice else None,
        kind=kind,
        spread=draws.spread,
        draws=draws.number,
        seed=draws.seed,
        interval=draws.interval,
        items=[_unit(one, its) for one, its in zip(ranked, found.units, strict=True)],
        swaps=[
            PlaceSwap(upper=one.upper, lower=one.lower, share=rounded(one.share, SHOWN_PLACES)) for one in found.swaps
        ],
        unranked=[one.code for one in scores if one.rank is None],
    )


def _unit(one: RankedScore, its: Stability) -> SensitivityUnit:
    return SensitivityUnit(
        unit=one.code,
        name=one.unit.name if one.unit else None,
        percent=one.score.percent,
        rank=one.rank,
        band=one.band.code if one.band else None,
        median_rank=its.median,
        lowest_rank=its.lowest,
        highest_rank=its.highest,
        first=rounded(its.first, SHOWN_PLACES),
        keeps_rank=rounded(its.kept, SHOWN_PLACES),
        keeps_band=None if its.in_band is None else rounded(its.in_band, SHOWN_PLACES),
    )
