"""Recommendations of inspections: to be carried out by their last day, as a confirmed report says."""

from cchc_shared.contract.events.inspection import RecommendationState
from scoring_worker.sources.source import FactSource, Measure, TargetDuty

RECOMMENDATION_DONE = Measure("inspection.recommendation")


def _target(recommendation: RecommendationState) -> tuple[TargetDuty, ...]:
    unit, due_at, done_at = recommendation.responsible_unit, recommendation.due_at, recommendation.done_at
    return (TargetDuty(RECOMMENDATION_DONE, recommendation.code, unit, due_at, done_at),)


RECOMMENDATION = FactSource(
    RecommendationState, duties=(RECOMMENDATION_DONE,), target=_target, occurrences=(), occurred={}
)
