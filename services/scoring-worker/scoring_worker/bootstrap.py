"""Puts the service together from its features."""

from fastapi import FastAPI
from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service import assembly
from cchc_shared.service.parked_events import parked_events
from cchc_shared.service.watching import watching
from scoring_worker.loading.feature import FEATURE as LOADING
from scoring_worker.projection.feature import FEATURE as PROJECTION
from scoring_worker.scores.feature import FEATURE as SCORES
from scoring_worker.settings import ScoringSettings
from scoring_worker.sources import EVENTS

API = "scoring-api"
WORKER = "scoring-worker"
TOPICS = tuple(dict.fromkeys((UnitDefined.TOPIC, *(events.TOPIC for events in EVENTS))))
"""Those that carry what the projection follows."""
BATCH = 32_000
"""Events in a transaction, when so many wait: the scores of a unit are computed once in each."""
PACE = 0.1
"""Seconds between reads of events that trickle in: a small batch asks the database as often as a large one."""

FEATURES = (LOADING, PROJECTION, SCORES, parked_events("scoring"), watching(WORKER, TOPICS))


def build_app(settings: ScoringSettings, clock: Clock | None = None) -> FastAPI:
    """The API. A test hands in a clock of its own."""
    return assembly.build_api(API, settings, FEATURES, clock)


def build_worker(settings: ScoringSettings, clock: Clock | None = None) -> Starlette:
    """The consumer of events, which also lets deadlines pass."""
    return assembly.build_worker(WORKER, settings, FEATURES, clock, topics=TOPICS, batch_size=BATCH, pace=PACE)
