"""What each action does to each measure of the score: every action, from every situation that others lead to.

The table is `docs/effects-of-actions.md`; `EFFECTS=write` makes it anew. Nothing that is no work makes a score better.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.codes import FeedbackKind, FeedbackReturnReason, Severity, TaskStatus
from cchc_shared.contract.events import EventData
from cchc_shared.contract.events.feedback import FeedbackReceived
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from feedback_api.reports.domain import Feedback, state
from feedback_api.reports.transitions import TABLE as REPORTS
from feedback_api.reports.transitions import FeedbackAction
from scoring_worker.facts.domain import HAPPENED, Duty, DutyState
from scoring_worker.projection.fold import Fold
from tasks_api.tasks import effects
from tasks_api.tasks.domain import Task, due_at
from tasks_api.tasks.transitions import TABLE as TASKS
from tasks_api.tasks.transitions import TaskAction
from tests.support import reports, task_actions
from tests.support.events import event_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
PAGE = REPOSITORY / "docs" / "effects-of-actions.md"
STEPS = 6
BAD, GOOD = {DutyState.LATE, DutyState.OVERDUE, HAPPENED}, {DutyState.ON_TIME}
Counts = Counter[tuple[str, str, str]]
"""(unit, measure, state) → how many."""


@dataclass(frozen=True)
class World:
    """A task or report, what was asked of units for it, and what they did that counts by itself."""

    thing: Any
    duties: Mapping[tuple[str, int], Duty]
    happened: Counts

    def after(self, thing: Task | Feedback, data: EventData | None, at: datetime) -> "World":
        assert data is not None
        duties = {key: copy(duty) for key, duty in self.duties.items()}
        fold = Fold([duty for duty in duties.values() if duty.ended_at is None], timezone=HANOI, now=at)
        event = event_of(data, "1", thing.version, at)
        fold.apply(event, event.aggregate)
        duties |= {(duty.measure, duty.opened_version): duty for duty in fold.opened}
        happened = Counter(self.happened)
        happened.update((one.unit, one.measure, HAPPENED) for one in fold.occurrences)
        happened.subtract((one.unit, one.measure, HAPPENED) for one in fold.withdrawals)
        return World(thing, duties, happened)

    def counts(self, at: datetime) -> Counts:
        states = ((duty, duty.state_now(at)) for duty in self.duties.values())
        found: Counts = Counter((duty.unit, duty.measure, state) for duty, state in states if state is not None)
        found.update(self.happened)
        return found


class Seen(NamedTuple):
    """What an action did in some situation: for each unit, measure and state how many more or fewer."""

    action: StrEnum
    late: bool
    holder: str
    moved: Mapping[tuple[str, str, str], int]


@dataclass(frozen=True)
class Kind:
    """Tasks or reports. `work` are the actions by which something is done; `taken_back` what may be taken back."""

    name: str
    first: World
    actions: Sequence[StrEnum]
    perform: Callable[[Any, StrEnum, datetime], Iterator[Change[Any]]]
    holder: Callable[[Any], str]
    situation: Callable[[Any], Hashable]
    in_time: datetime
    late: datetime
    work: frozenset[StrEnum]
    judging: StrEnum

    def walk(self) -> Iterator[Seen]:
        """Every action from every situation, before the deadline and after; situations that count alike are one."""
        known: set[Hashable] = set()
        front = [(self.first, False)]
        for number in range(1, STEPS):
            following = []
            for (world, was_late), late in product(front, (False, True)):
                if was_late and not late:
                    continue
                at = (self.late if late else self.in_time) + timedelta(minutes=number)
                for action in self.actions:
                    for change in self.perform(world.thing, action, at):
                        reached = world.after(change.after, change.event, at)
                        counts = reached.counts(at)
                        yield Seen(action, late, self.holder(world.thing), _moved(world.counts(at), counts))
                        mark = late, self.holder(change.after), self.situation(change.after), frozenset(counts.items())
                        if mark not in known:
                            known.add(mark)
                            following.append((reached, late))
            front = following


def _moved(before: Counts, after: Counts) -> dict[tuple[str, str, str], int]:
    return {key: after[key] - before[key] for key in before.keys() | after.keys() if after[key] != before[key]}


def _tasks() -> Kind:
    task = Task(
        id=1,
        code="NV-1",
        title="x",
        lead_unit=task_actions.UNITS[0],
        assigning_unit="01",
        assigned_at=task_actions.START,
        due_on=task_actions.DUE,
        due_at=due_at(task_actions.DUE, task_actions.CALENDAR),
    )
    assert task.due_at is not None

    def perform(before: Task, action: StrEnum, at: datetime) -> Iterator[Change[Task]]:
        found = TASKS.row(before, action)
        if found is None:
            return
        step = Step(before, replace(before, status=TaskStatus(found.target), version=before.version + 1), at)
        for unit, office in product(
            task_actions.UNITS[:2], (False, True) if action is TaskAction.TRANSFER else (False,)
        ):
            try:
                yield task_actions.perform(step, TaskAction(action), unit, 10, office=office)
            except RuleBroken:
                continue

    return Kind(
        "tasks",
        World(task, {}, Counter()).after(task, effects.assign(task).event, task_actions.START),
        list(TaskAction),
        perform,
        lambda each: str(each.lead_unit),
        lambda each: (each.status, each.approvals, each.reported_at is None, each.due_on, each.late_from is None),
        task_actions.START,
        task.due_at + timedelta(days=1),
        frozenset({TaskAction.APPROVE}),
        TaskAction.MARK_UNJUSTIFIED,
    )


def _reports() -> Kind:
    report = reports.new_report(FeedbackKind.ON_SITE, Severity.NORMAL)

    def perform(before: Feedback, action: StrEnum, at: datetime) -> Iterator[Change[Feedback]]:
        found = REPORTS.row(before, action)
        if found is None:
            return
        for unit, yes in product(("A", "B"), (False, True)):
            words = reports.Words(
                unit, FeedbackReturnReason.OUT_OF_COMPETENCE, FeedbackKind.ON_SITE, Severity.NORMAL, 5, yes
            )
            try:
                yield reports.perform(before, found, at, words)
            except RuleBroken:
                continue

    return Kind(
        "reports",
        World(report, {}, Counter()).after(report, FeedbackReceived(**state(report)), reports.START),
        reports.ACTIONS,
        perform,
        lambda each: str(each.holder),
        lambda each: (each.status, each.paused_since is None, each.handovers > 0, each.task),
        reports.START,
        report.resolve_due_at + timedelta(days=1),
        frozenset({FeedbackAction.ACCEPT, FeedbackAction.ASSIGN, FeedbackAction.APPROVE_ANSWER}),
        FeedbackAction.MARK_UNJUSTIFIED,
    )


KINDS = {kind.name: kind for kind in (_tasks(), _reports())}


@cache
def seen(name: str) -> Sequence[Seen]:
    return list(KINDS[name].walk())


@pytest.mark.parametrize("name", KINDS)
def test_every_action_was_taken_in_time_and_late(name: str) -> None:
    kind = KINDS[name]
    taken = {(one.action, one.late) for one in seen(name)}
    # They need a wording without a day, or another event: they have their own tests.
    apart = {TaskAction.SET_DEADLINE, TaskAction.CONFIRM_TRIGGER}
    assert {action for action, late in product(kind.actions, (False, True)) if (action, late) not in taken} <= apart


@pytest.mark.parametrize("name", KINDS)
def test_nothing_but_work_makes_a_score_better(name: str) -> None:
    kind = KINDS[name]
    for one in seen(name):
        better = {key: n for key, n in one.moved.items() if (n < 0 and key[2] in BAD) or (n > 0 and key[2] in GOOD)}
        if one.action is kind.judging:  # a judgement may be taken back by whoever made it
            better = {key: n for key, n in better.items() if key[2] != HAPPENED}
        if one.action in kind.work:
            assert all(unit == one.holder for unit, _, _ in better), one
        else:
            assert not better, one


@pytest.mark.parametrize("name", KINDS)
def test_nobody_is_given_what_another_missed(name: str) -> None:
    for one in seen(name):
        others = {key: n for key, n in one.moved.items() if key[0] != one.holder and key[2] != HAPPENED}
        assert not any(n > 0 and key[2] in BAD for key, n in others.items()), one


def test_the_table_is_what_the_actions_do() -> None:
    if os.environ.get("EFFECTS") == "write":
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def page() -> str:
    """The table as a page of the documentation."""
    lines = [
        "# What actions do to the score",
        "",
        (
            "Made from the actions of the services and the facts that scoring makes of their events: every action from "
            "every situation that others lead to, before and after the due time. `tests/end_to_end/test_effects.py` "
            "also shows that nothing but work makes a score better, and that nobody is given what another missed. "
            "*Holder* is the unit that has it before the action, *next* any other. `a → b` is a duty that counts as "
            "`b` and no more as `a`; `+` is one more, `−` one less. Several lines of a cell are what the action does "
            "in different situations; — is nothing."
        ),
    ]
    for name, kind in KINDS.items():
        found: dict[tuple[StrEnum, bool], set[str]] = defaultdict(set)
        for one in seen(name):
            found[one.action, one.late].add(_effect(one) or "—")
        lines += ["", f"## {name.capitalize()}", "", "| action | in time | late |", "|---|---|---|"]
        for action in kind.actions:
            cells = ["<br>".join(sorted(found[action, late])) for late in (False, True)]
            if any(cells):
                lines.append(f"| `{action}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _effect(one: Seen) -> str:
    """`holder: task.completion pending → on_time`."""
    parts = []
    for unit, measure in sorted({key[:2] for key in one.moved}, key=lambda key: (key[0] != one.holder, key[1])):
        moved = {state: n for (who, what, state), n in one.moved.items() if (who, what) == (unit, measure)}
        gone = [state for state, n in sorted(moved.items()) for _ in range(-n)]
        come = [state for state, n in sorted(moved.items()) for _ in range(n)]
        said = [f"{before} → {now}" for before, now in zip(gone, come, strict=False)]
        said += [f"− {state}" for state in gone[len(come) :]] + [f"+ {state}" for state in come[len(gone) :]]
        parts.append(f"{'holder' if unit == one.holder else 'next'}: `{measure}` {', '.join(said)}")
    return "; ".join(parts)
