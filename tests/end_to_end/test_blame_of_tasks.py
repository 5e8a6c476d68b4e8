"""A hand-over moves work, not blame: whatever is done with a task, no unit loses a duty that it missed.

The actions of tasks-api and the fold of scoring, with the city's rules and no I/O.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskReturnReason, TaskStatus
from cchc_shared.contract.events import EventData
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.projection.fold import Fold
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Handover, Receiving, Task, due_at, missed_by
from tasks_api.tasks.rules import TaskRules
from tasks_api.tasks.transitions import TABLE, TaskAction
from tests.support.events import event_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PROFILE = REPOSITORY / "data" / "hanoi"
CALENDAR, RULES = WorkingCalendar.load(PROFILE), TaskRules.load(PROFILE)
RECEIVING = Receiving(CALENDAR, RULES.receiving_working_days.value)
START = datetime(2026, 6, 1, 2, tzinfo=UTC)
DUE = date(2026, 6, 12)
UNITS = ("so-noi-vu", "so-y-te", "so-tai-chinh", "01")
Blame = Counter[str]
"""Unit → duties that it missed and has not done."""


class AnyWayOfATask(RuleBasedStateMachine):
    """Takes actions at random, as time passes, and looks at what is counted against whom."""

    @initialize(dated=st.booleans())
    def assign(self, dated: bool) -> None:
        due_on = DUE if dated else None
        task = Task(
            id=1,
            code="NV-1",
            title="x",
            lead_unit=UNITS[0],
            assigning_unit="01",
            assigned_at=START,
            due_on=due_on,
            due_at=due_at(due_on, CALENDAR),
        )
        self.task, self.at = task, START
        self.duties: dict[int, Duty] = {}
        self.passed: Blame = Counter()
        """What the task itself says was missed when it passed on."""
        self.happen(effects.assign(task).event)

    @rule(hours=st.integers(1, 200))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(
        action=st.sampled_from(TaskAction), unit=st.sampled_from(UNITS), days=st.integers(1, 30), office=st.booleans()
    )
    def act(self, action: TaskAction, unit: str, days: int, office: bool) -> None:
        before = self.task
        row = TABLE.row(before, action)
        if row is None:
            return
        step = Step(before, replace(before, status=TaskStatus(row.target), version=before.version + 1), self.at)
        try:
            change = self.changed(step, action, unit, days, office=office)
        except RuleBroken:
            return
        blamed = self.blame()
        self.task = change.after
        if missed := missed_by(before, change.after, self.at):
            self.passed[missed] += 1
        self.happen(change.event)
        if action is TaskAction.APPROVE and change.after.ended:
            return  # what is done late is late for ever, but not undone any more
        assert blamed <= self.blame(), f"{action} took blame away: {blamed - self.blame()}"
        if change.after.lead_unit != before.lead_unit:
            assert self.blame() == blamed, f"{action} put blame on whoever was given the task"

    def changed(self, step: Step[Task], action: TaskAction, unit: str, days: int, *, office: bool) -> Change[Task]:
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
            TaskAction.MARK_UNJUSTIFIED: lambda: effects.judge_handover(step, Handover(2, UNITS[0], START, None)),
        }
        return ways[action]()

    def happen(self, data: EventData) -> None:
        event = event_of(data, self.task.code, self.task.version, self.at)
        current = [duty for duty in self.duties.values() if duty.ended_at is None]
        fold = Fold(current, timezone=HANOI, now=self.at)
        fold.apply(event, event.aggregate)
        for duty in fold.opened:
            self.duties[duty.opened_version] = duty

    def blame(self) -> Blame:
        states = ((duty.unit, duty.state_now(self.at)) for duty in self.duties.values())
        return Counter(unit for unit, state in states if state is DutyState.OVERDUE)

    @invariant()
    def the_score_says_what_the_task_says(self) -> None:
        expected = Counter(self.passed)
        if self.task.overdue(self.at):
            expected[self.task.lead_unit] += 1
        assert self.blame() == expected

    @invariant()
    def late_is_late_in_both(self) -> None:
        late = [duty for duty in self.duties.values() if duty.state_now(self.at) is DutyState.LATE]
        assert len(late) == self.task.completed_late

    @invariant()
    def nothing_is_anybodys_while_a_report_made_in_time_awaits_approval(self) -> None:
        if self.task.awaiting_approval:
            assert self.blame() == self.passed


TestAnyWayOfATask = AnyWayOfATask.TestCase
TestAnyWayOfATask.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
