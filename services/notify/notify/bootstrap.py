"""The one place where the service is put together."""

from typing import Final

from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.directory import feature as directory
from cchc_shared.service import assembly, idempotency
from cchc_shared.service.app import Application
from cchc_shared.service.parked_events import parked_events
from cchc_shared.service.watching import watching
from notify.keys import feature as keys
from notify.limits import feature as limits
from notify.live import feature as live
from notify.settings import NotifySettings, WebhookSettings
from notify.systems import feature as systems
from notify.webhooks import feature as webhooks

API: Final = "notify"
WORKER: Final = "notify-worker"
TOPICS: Final = ("tasks", "feedback", "dossiers")
"""What the worker follows."""

FEATURES: Final = (
    directory.FEATURE,
    systems.FEATURE,
    keys.FEATURE,
    limits.FEATURE,
    webhooks.FEATURE,
    live.FEATURE,  # the last to write: others wait for its lock
    idempotency.FEATURE,
    parked_events("notify"),
    watching(WORKER, TOPICS),
)


def build_app(settings: NotifySettings, clock: Clock | None = None) -> Application:
    """The HTTP application."""
    return assembly.build_api(API, settings, FEATURES, clock)


def build_worker(settings: WebhookSettings, clock: Clock | None = None) -> Starlette:
    """The worker: it follows what happens, tells it to those who may know, and does what is due."""
    return assembly.build_worker(WORKER, settings, FEATURES, clock, topics=TOPICS)
