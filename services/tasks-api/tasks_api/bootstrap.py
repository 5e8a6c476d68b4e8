"""Lists the features of this service, and builds its processes from them."""

from fastapi import FastAPI
from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.service import idempotency
from cchc_shared.service.assembly import build_api
from cchc_shared.service.assembly import build_worker as build
from cchc_shared.service.retention import retention
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.watching import watching_relay
from tasks_api.calendar import feature as calendar
from tasks_api.consultations import feature as consultations
from tasks_api.inspections import feature as inspections
from tasks_api.plans import feature as plans
from tasks_api.submissions import feature as submissions
from tasks_api.tasks import feature as tasks
from tasks_api.units import feature as units

API = "tasks-api"
WORKER = "tasks-worker"
FEATURES = (
    units.FEATURE,
    plans.FEATURE,
    tasks.FEATURE,
    inspections.FEATURE,
    consultations.FEATURE,
    submissions.FEATURE,
    calendar.FEATURE,
    idempotency.FEATURE,
    retention("tasks"),
    watching_relay("tasks"),
)


def build_app(settings: ServiceSettings, clock: Clock | None = None) -> FastAPI:
    """The HTTP application. A test hands in a clock of its own."""
    return build_api(API, settings, FEATURES, clock)


def build_worker(settings: ServiceSettings, clock: Clock | None = None) -> Starlette:
    """The worker, which does what is due at a time."""
    return build(WORKER, settings, FEATURES, clock)
