"""The one place where the service is put together."""

from typing import Final

from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory import feature as directory
from cchc_shared.files import feature as files
from cchc_shared.files.settings import StorageSettings
from cchc_shared.service import assembly, idempotency
from cchc_shared.service.app import Application
from cchc_shared.service.parked_events import parked_events
from cchc_shared.service.retention import retention
from cchc_shared.service.watching import watching, watching_relay
from feedback_api.advice import feature as advice
from feedback_api.attachments import feature as attachments
from feedback_api.channels import feature as channels
from feedback_api.clocks import feature as clocks
from feedback_api.deadlines import feature as deadlines
from feedback_api.erasure import feature as erasure
from feedback_api.following import feature as following
from feedback_api.handling import feature as handling
from feedback_api.intake import feature as intake
from feedback_api.intake.fast_path import FastPath
from feedback_api.open311 import feature as open311
from feedback_api.parts import feature as parts
from feedback_api.pauses import feature as pauses
from feedback_api.petitions import feature as petitions
from feedback_api.places import feature as places
from feedback_api.privacy import feature as privacy
from feedback_api.public_map import feature as public_map
from feedback_api.publications import feature as publications
from feedback_api.reading import feature as reading
from feedback_api.recounting import feature as recounting
from feedback_api.reminders import feature as reminders
from feedback_api.reports import feature as reports
from feedback_api.routing import feature as routing
from feedback_api.screening import feature as screening
from feedback_api.settings import FeedbackSettings
from feedback_api.similar import feature as similar
from feedback_api.standard_replies import feature as standard_replies
from feedback_api.statistics import feature as statistics
from feedback_api.trials import feature as trials
from feedback_api.uploads import feature as uploads
from feedback_api.vocabulary import feature as vocabulary

WORKER: Final = "feedback-worker"
TOPICS: Final = ("tasks",)
"""What the worker follows."""

FEATURES: Final = (
    deadlines.FEATURE,
    directory.FEATURE,
    places.FEATURE,
    routing.FEATURE,
    reports.FEATURE,
    attachments.FEATURE,
    intake.FEATURE,
    reading.FEATURE,
    vocabulary.FEATURE,
    public_map.FEATURE,
    channels.FEATURE,
    handling.FEATURE,
    parts.FEATURE,
    following.FEATURE,
    clocks.FEATURE,
    statistics.FEATURE,
    trials.FEATURE,
    recounting.FEATURE,
    pauses.FEATURE,
    petitions.FEATURE,
    reminders.FEATURE,
    privacy.FEATURE,
    erasure.FEATURE,
    screening.FEATURE,
    uploads.FEATURE,
    open311.FEATURE,
    similar.FEATURE,
    standard_replies.FEATURE,
    advice.FEATURE,
    publications.FEATURE,
    files.FEATURE,
    idempotency.FEATURE,
    retention("feedback"),
    parked_events("feedback"),
    watching(WORKER, TOPICS),
    watching_relay("feedback"),
)


def build_app(settings: FeedbackSettings, clock: Clock | None = None) -> Application:
    """The HTTP application."""
    app = assembly.build_api("feedback-api", settings, FEATURES, clock)
    app.at_once = FastPath(app, settings.max_body_bytes)
    return app


def build_worker(settings: StorageSettings, clock: Clock | None = None) -> Starlette:
    """The worker: it follows the directory of units and does what is due."""
    return assembly.build_worker(WORKER, settings, FEATURES, clock, topics=TOPICS)
