"""The Python sources of the services, for tests that read them."""

from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"

PACKAGES = {
    "tasks-api": SERVICES / "tasks-api" / "tasks_api",
    "feedback-api": SERVICES / "feedback-api" / "feedback_api",
    "scoring-worker": SERVICES / "scoring-worker" / "scoring_worker",
    "relay": SERVICES / "relay" / "relay",
    "gateway": SERVICES / "gateway" / "gateway",
}
"""Service → the folder of its package."""

WITH_FEATURES = ("tasks-api", "feedback-api", "scoring-worker")
"""The services that are put together from features over a database."""


def modules(service: str, *, migrations: bool = False) -> list[Path]:
    """The modules of a service, those of its migrations too where asked for."""
    found = sorted(PACKAGES[service].rglob("*.py"))
    return found + sorted((SERVICES / service / "migrations").rglob("*.py")) if migrations else found
