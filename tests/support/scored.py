"""Events that give units scores: units, and tasks with what became of them."""

from datetime import UTC, datetime
from typing import Any, Final

from cchc_shared.contract.codes import TaskStatus, UnitKind
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.task import TaskAssigned, TaskCompleted
from cchc_shared.contract.events.unit import UnitDefined
from tests.support.events import event_of

MORNING: Final = datetime(2026, 6, 1, 1, tzinfo=UTC)


def unit(code: str, kind: UnitKind = UnitKind.DEPARTMENT) -> Event:
    return event_of(UnitDefined(code=code, name=f"Đơn vị {code}", kind=kind), code, 1, MORNING)


def task(number: int, lead: str, due_at: datetime, done_at: datetime | None = None) -> list[Event]:
    """A task that was assigned that morning, and completed if `done_at` says when."""
    state: dict[str, Any] = {
        "code": f"NV-{number}",
        "lead_unit": lead,
        "status": TaskStatus.NOT_STARTED,
        "assigned_at": MORNING,
        "due_at": due_at,
    }
    events = [event_of(TaskAssigned(**state), str(number), 1, MORNING)]
    if done_at:
        done = state | {"status": TaskStatus.COMPLETED, "completed_at": done_at}
        events.append(event_of(TaskCompleted(**done), str(number), 2, done_at))
    return events
