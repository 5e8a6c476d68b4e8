"""What becomes of a task that is assigned, closed, or moved by its children; see `test_transitions.py` for the rest."""

from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import task as events
from cchc_shared.contract.transitions import Change, Step
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Rollup, Task

from .test_transitions import START, task


def test_a_new_task_is_told_as_it_is() -> None:
    change = effects.assign(task())
    assert change.after == task()
    assert isinstance(change.event, events.TaskAssigned)
    assert (change.event.code, change.event.lead_unit) == ("NV-2024-000001", "so-noi-vu")


@pytest.mark.parametrize(
    ("effect", "event"), [(effects.propose_close, events.TaskCloseProposed), (effects.close, events.TaskClosed)]
)
def test_closing_changes_nothing_but_the_state(
    effect: Callable[[Step[Task]], Change[Task]], event: type[events.TaskState]
) -> None:
    before = task()
    after = msgspec.structs.replace(before, status=TaskStatus.CLOSED, version=2)
    change = effect(Step(before, after, START))
    assert change.after == after
    assert type(change.event) is event


@pytest.mark.parametrize(
    ("status", "completed_at", "event"),
    [
        (TaskStatus.COMPLETED, START, events.TaskCompleted),
        (TaskStatus.CLOSED, None, events.TaskClosed),
        (TaskStatus.IN_PROGRESS, None, events.TaskStarted),
    ],
)
def test_a_parent_takes_the_state_of_its_children(
    status: TaskStatus, completed_at: datetime | None, event: type[events.TaskState]
) -> None:
    parent = task(fanned_out=True, version=4)
    change = effects.roll_up(parent, Rollup(status, completed_at), "NV-2024-000001.so-noi-vu")
    assert (change.after.status, change.after.completed_at, change.after.version) == (status, completed_at, 5)
    assert type(change.event) is event
    assert change.details == {"child": "NV-2024-000001.so-noi-vu"}
