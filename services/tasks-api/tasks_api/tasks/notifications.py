"""Who is told of which change of a task. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from cchc_shared.contract.codes import UNIT_STAFF, Role, TaskStatus
from tasks_api.notifications.domain import Addressee, Notification, NotificationKind, to_each
from tasks_api.tasks.domain import Task
from tasks_api.tasks.transitions import TaskAction

ASSIGN: Final = "assign"
"""The first action of a task, in its history."""
REVISE: Final = "revise"
"""The action of a task whose document was revised. Nobody takes it by itself."""
REASSIGN: Final = "reassign"
"""The action of a law by which one unit succeeds another. Its details name the seats that passed on."""


def office(task: Task) -> list[Addressee]:
    """Those who follow up for the unit that assigned it."""
    return [Addressee(task.assigning_unit, Role.COORDINATOR)]


def lead(task: Task, *roles: Role) -> list[Addressee]:
    """Those of its lead; where that is the assigning unit, to which it was returned, also those who follow up."""
    own = [Addressee(task.lead_unit, role) for role in roles]
    return [*own, *office(task)] if task.lead_unit == task.assigning_unit else own


def _staff(task: Task) -> list[Addressee]:
    return lead(task, *UNIT_STAFF)


def _head(task: Task) -> list[Addressee]:
    return lead(task, Role.UNIT_HEAD)


_NOTIFIED: Final[Mapping[str, tuple[NotificationKind, Callable[[Task], list[Addressee]]]]] = {
    ASSIGN: (NotificationKind.TASK_ASSIGNED, _staff),
    TaskAction.REPORT: (NotificationKind.TASK_REPORT_AWAITS_APPROVAL, _head),
    TaskAction.REJECT: (NotificationKind.TASK_REPORT_REJECTED, _staff),
    TaskAction.REQUEST_EXTENSION: (NotificationKind.TASK_EXTENSION_REQUESTED, office),
    TaskAction.GRANT_EXTENSION: (NotificationKind.TASK_EXTENSION_GRANTED, _staff),
    TaskAction.DENY_EXTENSION: (NotificationKind.TASK_EXTENSION_DENIED, _staff),
    TaskAction.SET_DEADLINE: (NotificationKind.TASK_DATED, _staff),
    TaskAction.CONFIRM_TRIGGER: (NotificationKind.TASK_DATED, _staff),
    TaskAction.RETURN: (NotificationKind.TASK_HANDED_OVER, _staff),
    TaskAction.TRANSFER: (NotificationKind.TASK_HANDED_OVER, _staff),
    REASSIGN: (NotificationKind.TASK_HANDED_OVER, _staff),
    TaskAction.PROPOSE_CLOSE: (NotificationKind.TASK_CLOSE_PROPOSED, office),
    REVISE: (NotificationKind.TASK_REVISED, _staff),
    TaskAction.URGE: (NotificationKind.TASK_URGED, _staff),
    TaskAction.CLOSE: (NotificationKind.TASK_CLOSED, _staff),
}
"""Action → what is told of it, and to whom. What is not named here is told to nobody."""


def notifications_of(task: Task, action: str, at: datetime) -> list[Notification]:
    """What is told of a change, of the task as it is after it. Of a task of many units its children tell."""
    if task.fanned_out:
        return []
    if action == TaskAction.APPROVE:
        completed = task.status is TaskStatus.COMPLETED
        kind = NotificationKind.TASK_COMPLETED if completed else NotificationKind.TASK_REPORT_AWAITS_APPROVAL
        to = (_staff if completed else office)(task)
    elif action in _NOTIFIED:
        kind, find = _NOTIFIED[action]
        to = find(task)
    else:
        return []
    return to_each(to, kind, task.code, at, task.due_on)
