"""Every table of the service, for its migrations."""

from cchc_shared.stream.tables import stream_tables
from scoring_worker.facts import models as facts
from scoring_worker.index_sets import models as index_sets
from scoring_worker.indicators import models as indicators
from scoring_worker.schema import METADATA
from scoring_worker.scores import models as scores
from scoring_worker.units import models as units

stream_tables(METADATA)

EFFECTS = (
    facts.duty,
    facts.event,
    indicators.indicator_count,
    scores.score,
    units.unit,
)
"""What follows from the log of events alone."""

DEFINITIONS = (index_sets.index_set,)
"""What was loaded."""

__all__ = ["DEFINITIONS", "EFFECTS", "METADATA"]
