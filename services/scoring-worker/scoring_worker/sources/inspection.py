"""Recommendations of inspections: to be carried out by their last day, as a confirmed report says.

While a report made in time awaits its confirmation there is no duty, as with tasks.
"""

from cchc_shared.contract.events.inspection import RecommendationReassigned, RecommendationState
from scoring_worker.sources.source import FactSource, Measure, TargetDuty, is_inherited

RECOMMENDATION_DONE = Measure("inspection.recommendation")


def _target(recommendation: RecommendationState) -> tuple[TargetDuty, ...]:
    due_at, done_at, reported_at = recommendation.due_at, recommendation.done_at, recommendation.reported_at
    awaiting = done_at is None and reported_at is not None and reported_at < due_at
    unit = recommendation.responsible_unit
    anew = isinstance(recommendation, RecommendationReassigned) and is_inherited(recommendation)
    return (TargetDuty(RECOMMENDATION_DONE, recommendation.code, unit, None if awaiting else due_at, done_at, anew),)


RECOMMENDATION = FactSource(
    RecommendationState, duties=(RECOMMENDATION_DONE,), target=_target, occurrences=(), occurred={}
)
