"""The one place where the service is put together."""

from typing import Final

from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory import feature as directory
from cchc_shared.service import assembly, idempotency
from cchc_shared.service.app import Application
from cchc_shared.service.parked_events import parked_events
from cchc_shared.service.retention import retention
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.watching import watching, watching_relay
from dossiers_api.dossiers import feature as dossiers
from dossiers_api.intake import feature as intake
from dossiers_api.procedures import feature as procedures
from dossiers_api.publications import feature as publications
from dossiers_api.statistics import feature as statistics
from dossiers_api.steps import feature as steps

WORKER: Final = "dossiers-worker"
TOPICS: Final = ("tasks",)
"""What the worker follows."""

FEATURES: Final = (
    directory.FEATURE,
    dossiers.FEATURE,
    procedures.FEATURE,
    steps.FEATURE,
    intake.FEATURE,
    statistics.FEATURE,
    publications.FEATURE,
    idempotency.FEATURE,
    retention("dossiers"),
    parked_events("dossiers"),
    watching(WORKER, TOPICS),
    watching_relay("dossiers"),
)


def build_app(settings: ServiceSettings, clock: Clock | None = None) -> Application:
    """The HTTP application."""
    return assembly.build_api("dossiers-api", settings, FEATURES, clock)


def build_worker(settings: ServiceSettings, clock: Clock | None = None) -> Starlette:
    """The worker: it follows the directory of units and does what is due."""
    return assembly.build_worker(WORKER, settings, FEATURES, clock, topics=TOPICS)
