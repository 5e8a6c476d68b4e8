"""Which service owns which paths. A path that is not named here is not forwarded."""

from collections.abc import Mapping
from typing import Final

OWNERS: Final[Mapping[str, str]] = {
    "/v1/units": "tasks-api",
    "/v1/plans": "tasks-api",
    "/v1/tasks": "tasks-api",
    "/v1/calendar": "tasks-api",
    "/v1/feedback": "feedback-api",
    "/v1/statistics/feedback": "feedback-api",
    "/v1/parked-events/feedback": "feedback-api",
    "/v1/scores": "scoring-api",
    "/v1/parked-events/scoring": "scoring-api",
}
_DEEPEST: Final = max(prefix.count("/") for prefix in OWNERS)


def prefix_of(path: str) -> str | None:
    """The longest named prefix of a path, by whole segments; None when no service owns it."""
    parts = path.split("/", _DEEPEST + 1)
    for length in range(min(len(parts), _DEEPEST + 1), 1, -1):
        prefix = "/".join(parts[:length])
        if prefix in OWNERS:
            return prefix
    return None
