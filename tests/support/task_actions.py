"""Tasks that actions are taken on, with the city's rules, without a database."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskReturnReason
from cchc_shared.contract.transitions import Change, Step
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Handover, Receiving, Task
from tasks_api.tasks.rules import TaskRules
from tasks_api.tasks.transitions import TaskAction

PROFILE = REPOSITORY / "data" / "hanoi"
CALENDAR, RULES = WorkingCalendar.load(PROFILE), TaskRules.load(PROFILE)
RECEIVING = Receiving(CALENDAR, RULES.receiving_working_days.value)
START = datetime(2026, 6, 1, 2, tzinfo=UTC)
DUE = date(2026, 6, 12)
UNITS = ("so-noi-vu", "so-y-te", "so-tai-chinh", "01")


def perform(step: Step[Task], action: TaskAction, unit: str, days: int, *, office: bool) -> Change[Task]:
    """What an action makes of a task. Raises `RuleBroken` where the rules refuse it."""
    due_on = (step.before.due_on or DUE) + timedelta(days=days)
    ways: dict[TaskAction, Callable[[], Change[Task]]] = {
        TaskAction.START: lambda: effects.start(step),
        TaskAction.REPORT: lambda: effects.report(step, "a"),
        TaskAction.APPROVE: lambda: effects.approve(step, "b"),
        TaskAction.REJECT: lambda: effects.reject(step, CALENDAR),
        TaskAction.REQUEST_EXTENSION: lambda: effects.request_extension(step, due_on, RULES.extensions, CALENDAR),
        TaskAction.GRANT_EXTENSION: lambda: effects.grant_extension(step, CALENDAR),
        TaskAction.DENY_EXTENSION: lambda: effects.deny_extension(step),
        TaskAction.RETURN: lambda: effects.return_(step, TaskReturnReason.OUT_OF_COMPETENCE, RECEIVING),
        TaskAction.TRANSFER: lambda: effects.transfer(step, unit, RECEIVING, by_office=office),
        TaskAction.PROPOSE_CLOSE: lambda: effects.propose_close(step),
        TaskAction.CLOSE: lambda: effects.close(step),
        TaskAction.SET_DEADLINE: lambda: effects.set_deadline(step, due_on, CALENDAR),
        TaskAction.CONFIRM_TRIGGER: lambda: effects.confirm_trigger(
            step, CALENDAR.local_date(step.at) - timedelta(days=days // 3), CALENDAR
        ),
        TaskAction.MARK_UNJUSTIFIED: lambda: effects.judge_handover(step, Handover(2, UNITS[0], START, None)),
        TaskAction.ASSIGN_OFFICER: lambda: effects.assign_officer(step, unit, "a", by_head=True),
        TaskAction.URGE: lambda: effects.urge(step, "01"),
    }
    return ways[action]()
