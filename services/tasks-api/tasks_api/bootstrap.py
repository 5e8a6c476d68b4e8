"""Lists the features of this service, and builds its processes from them."""

from fastapi import FastAPI
from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.files import feature as files
from cchc_shared.files.settings import StorageSettings, TakingSettings
from cchc_shared.service import idempotency
from cchc_shared.service.assembly import build_api
from cchc_shared.service.assembly import build_worker as build
from cchc_shared.service.retention import retention
from cchc_shared.service.watching import watching_relay
from tasks_api.calendar import feature as calendar
from tasks_api.closings import feature as closings
from tasks_api.consultations import feature as consultations
from tasks_api.document_files import feature as document_files
from tasks_api.documents import feature as documents
from tasks_api.evidence import feature as evidence
from tasks_api.inspections import feature as inspections
from tasks_api.kpi import feature as kpi
from tasks_api.mailing import feature as mailing
from tasks_api.notifications import feature as notifications
from tasks_api.occurrences import feature as occurrences
from tasks_api.overviews import feature as overviews
from tasks_api.plans import feature as plans
from tasks_api.progress import feature as progress
from tasks_api.progress_reports import feature as progress_reports
from tasks_api.reassignments import feature as reassignments
from tasks_api.reminders import feature as reminders
from tasks_api.responsibility import feature as responsibility
from tasks_api.steps import feature as steps
from tasks_api.submissions import feature as submissions
from tasks_api.targets import feature as targets
from tasks_api.tasks import feature as tasks
from tasks_api.unit_calendars import feature as unit_calendars
from tasks_api.units import feature as units

API = "tasks-api"
WORKER = "tasks-worker"
FEATURES = (
    units.FEATURE,
    plans.FEATURE,
    documents.FEATURE,
    document_files.FEATURE,
    tasks.FEATURE,
    steps.FEATURE,
    evidence.FEATURE,
    progress_reports.FEATURE,
    occurrences.FEATURE,
    inspections.FEATURE,
    consultations.FEATURE,
    submissions.FEATURE,
    reassignments.FEATURE,
    progress.FEATURE,
    closings.FEATURE,
    kpi.FEATURE,
    overviews.FEATURE,
    targets.FEATURE,
    responsibility.FEATURE,
    unit_calendars.FEATURE,
    calendar.FEATURE,
    notifications.FEATURE,
    reminders.FEATURE,
    mailing.FEATURE,
    files.FEATURE,
    idempotency.FEATURE,
    retention("tasks"),
    watching_relay("tasks"),
)


def build_app(settings: TakingSettings, clock: Clock | None = None) -> FastAPI:
    """The HTTP application. A test hands in a clock of its own."""
    return build_api(API, settings, FEATURES, clock)


def build_worker(settings: StorageSettings, clock: Clock | None = None) -> Starlette:
    """The worker, which does what is due at a time."""
    return build(WORKER, settings, FEATURES, clock)
