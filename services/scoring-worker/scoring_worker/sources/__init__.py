"""Sources of facts. A new source is a module here and its name in `SOURCES`; everything else follows."""

from typing import Any, Final

from scoring_worker.sources.consultation import CONSULTATION
from scoring_worker.sources.dossier import DOSSIER
from scoring_worker.sources.dossier_step import DOSSIER_STEP
from scoring_worker.sources.feedback import FEEDBACK
from scoring_worker.sources.inspection import RECOMMENDATION
from scoring_worker.sources.procedure import PROCEDURE
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty, Withdrawn
from scoring_worker.sources.submission import SUBMISSION
from scoring_worker.sources.task import TASK

SOURCES: Final[tuple[FactSource[Any], ...]] = (
    TASK,
    RECOMMENDATION,
    FEEDBACK,
    CONSULTATION,
    SUBMISSION,
    DOSSIER,
    DOSSIER_STEP,
    PROCEDURE,
)

BY_AGGREGATE: Final = {source.aggregate: source for source in SOURCES}
EVENTS: Final = tuple(source.events for source in SOURCES)
"""Base types of the events that can change a fact."""
OCCURRENCES: Final = frozenset(measure for source in SOURCES for measure in source.occurrences)
MEASURES: Final = tuple(measure for source in SOURCES for measure in (*source.duties, *source.occurrences))
"""Everything that is counted, as index sets and the public contract name it."""

__all__ = [
    "BY_AGGREGATE",
    "EVENTS",
    "MEASURES",
    "OCCURRENCES",
    "SOURCES",
    "FactSource",
    "Measure",
    "Occurred",
    "TargetDuty",
    "Withdrawn",
]
