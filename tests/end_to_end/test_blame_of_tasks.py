"""A hand-over moves work, not blame: whatever is done with a task, no unit loses a duty that it missed.

The actions of tasks-api and the fold of scoring, with the city's rules and no I/O.
"""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import EventData
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Step
from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.projection.fold import Fold
from tasks_api.deadlines.domain import Trigger
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Schedule, Task, due_at, missed_by
from tasks_api.tasks.transitions import TABLE, TaskAction
from tasks_api.units.domain import Succession
from tests.support.events import event_of
from tests.support.task_actions import CALENDAR, DUE, RECEIVING, RULES, START, UNITS, perform

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Blame = Counter[str]
"""Unit → duties that it missed and has not done."""


class AnyWayOfATask(RuleBasedStateMachine):
    """Takes actions at random, as time passes, and looks at what is counted against whom."""

    @initialize(dated=st.booleans(), triggered=st.booleans())
    def assign(self, dated: bool, triggered: bool) -> None:
        due_on = DUE if dated else None
        waits = Schedule(trigger=Trigger(days=5, working=True, after="có kết quả thẩm định"))
        task = Task(
            id=1,
            code="NV-1",
            title="x",
            lead_unit=UNITS[0],
            assigning_unit="01",
            assigned_at=START,
            due_on=due_on,
            due_at=due_at(due_on, CALENDAR),
            schedule=waits if triggered else None,
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
            change = perform(step, action, unit, days, office=office)
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

    @rule(heir=st.sampled_from(UNITS), lead=st.booleans(), assigning=st.booleans())
    def end(self, heir: str, lead: bool, assigning: bool) -> None:
        """Units end, and others take their places: those of the lead, of the assigning unit, or of both."""
        before = self.task
        if before.ended or not (lead or assigning):
            return
        step = Step(before, replace(before, version=before.version + 1), self.at)
        place = [
            Succession(unit, CALENDAR.local_date(self.at), heir) for unit in (before.lead_unit, before.assigning_unit)
        ]
        change = effects.inherit(step, place[0] if lead else None, place[1] if assigning else None, RECEIVING)
        blamed = self.blame()
        self.task = change.after
        if missed := missed_by(before, change.after, self.at, inherited=lead):
            self.passed[missed] += 1
        self.happen(change.event)
        assert self.blame() == blamed, "the end of a unit moved blame"
        assert self.task.handovers == before.handovers
        if lead:
            assert not self.task.overdue(self.at + timedelta(days=RULES.receiving_working_days.value))
        assert not lead or (self.task.due_on or date.max) >= (before.due_on or date.max)

    def happen(self, data: EventData | None) -> None:
        assert data is not None
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
