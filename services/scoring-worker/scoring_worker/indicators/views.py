"""Indicators as readers see them."""

from scoring_worker.indicators.domain import Known
from scoring_worker.indicators.schemas import IndicatorOut


def indicator(code: str, known: Known) -> IndicatorOut:
    """An indicator with the sets that read it."""
    of = known.indicator
    return IndicatorOut(
        code=code,
        name=of.name.vi,
        name_en=of.name.en,
        source=of.source,
        of=of.of,
        may_be_entered=of.may_be_entered,
        definition=of.definition.vi if of.definition else None,
        definition_en=of.definition.en if of.definition else None,
        sets=list(known.sets),
    )
