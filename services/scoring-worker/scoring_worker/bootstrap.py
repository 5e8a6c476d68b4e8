"""Puts the service together from its features."""

from fastapi import FastAPI
from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events import TOPICS as PRODUCED
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service import assembly, idempotency
from cchc_shared.service.parked_events import parked_events
from cchc_shared.service.watching import watching
from scoring_worker.comparison.feature import FEATURE as COMPARISON
from scoring_worker.components.feature import FEATURE as COMPONENTS
from scoring_worker.indicators.feature import FEATURE as INDICATORS
from scoring_worker.loading.feature import FEATURE as LOADING
from scoring_worker.projection.feature import FEATURE as PROJECTION
from scoring_worker.questionnaires.feature import FEATURE as QUESTIONNAIRES
from scoring_worker.scorecards.feature import FEATURE as SCORECARDS
from scoring_worker.scores.feature import FEATURE as SCORES
from scoring_worker.seasons.feature import FEATURE as SEASONS
from scoring_worker.sensitivity.feature import FEATURE as SENSITIVITY
from scoring_worker.series.feature import FEATURE as SERIES
from scoring_worker.settings import ScoringSettings
from scoring_worker.simulation.feature import FEATURE as SIMULATION
from scoring_worker.sources import EVENTS
from scoring_worker.surveys.feature import FEATURE as SURVEYS

API = "scoring-api"
WORKER = "scoring-worker"
TOPICS = tuple(topic for topic in PRODUCED if topic in {UnitDefined.TOPIC, *(events.TOPIC for events in EVENTS)})
"""Those that carry what the projection follows, and that a service of this installation fills."""
BATCH = 32_000
"""Events in a transaction, when so many wait: the scores of a unit are computed once in each."""
PACE = 0.1
"""Seconds between reads of events that trickle in: a small batch asks the database as often as a large one."""

FEATURES = (
    LOADING,
    PROJECTION,
    INDICATORS,
    SERIES,
    QUESTIONNAIRES,
    SURVEYS,
    COMPARISON,
    SCORES,
    SIMULATION,
    SENSITIVITY,
    SEASONS,
    SCORECARDS,
    COMPONENTS,
    idempotency.FEATURE,
    parked_events("scoring"),
    watching(WORKER, TOPICS),
)


def build_app(settings: ScoringSettings, clock: Clock | None = None) -> FastAPI:
    """The API. A test hands in a clock of its own."""
    return assembly.build_api(API, settings, FEATURES, clock)


def build_worker(settings: ScoringSettings, clock: Clock | None = None) -> Starlette:
    """The consumer of events, which also lets deadlines pass."""
    return assembly.build_worker(WORKER, settings, FEATURES, clock, topics=TOPICS, batch_size=BATCH, pace=PACE)
