"""The test that comes with the workflow kit: it runs over every table of transitions.

In the tests of a service:

    MACHINE = Machine(TABLE, begin=[task()], step=step, statuses=TaskStatus, actions=Action, parties=Party,
                      ends={TaskStatus.COMPLETED, TaskStatus.CLOSED})
    TestAnySequence = MACHINE.sequences()

    def test_the_table_is_sound() -> None:
        MACHINE.check()

`begin` are the states in which such a thing may begin. `step(state, row)` is the state after a row was taken: leave it
out where only status and version change; where a row's `when` looks at something else, `step` changes that too.
`ends` are the statuses that nothing leaves. `unused` are members of the enum that no row reaches, because their actions
are not offered yet. `waiting(state)` holds for states that only something else moves, such as a task's children.
"""

from collections import deque
from collections.abc import Callable, Collection, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, combinations
from typing import Any, Generic, TypeVar, cast

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.transitions import Change, Stateful, Step, Transition, TransitionTable
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion
from cchc_shared.http.problems import Problem
from cchc_shared.service.workflow import Command, Store, Workflow

S = TypeVar("S", bound=Stateful)
MOST_STATES = 20_000
_CALLER = Principal("someone", frozenset({Role.OFFICER}), None)
_CLOCK = FixedClock(datetime(2024, 5, 6, tzinfo=UTC))
_NAME = Text("việc", "the thing")


def moved(state: S, row: Transition[S]) -> S:
    """The step of a row that changes nothing but status and version."""
    return cast(
        "S", msgspec.structs.replace(cast("msgspec.Struct", state), status=row.target, version=state.version + 1)
    )


class _Taken(Exception):
    """The command path came to the effect: nothing refused the action."""


@dataclass
class _Store(Generic[S]):
    """A store of one thing, and of what its caller is to it."""

    held: S
    parties_: Mapping[StrEnum, Role]

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> S:
        return self.held

    def state(self, record: S) -> S:
        return record

    def parties(self, caller: Principal, record: S) -> Mapping[StrEnum, Role]:
        return self.parties_


async def _effect(_: AsyncConnection, step: Step[S]) -> Change[S]:
    raise _Taken


def _finished(work: Coroutine[Any, Any, Any]) -> None:
    """Run what never has to wait."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


def outcome(
    table: TransitionTable[S], state: S, action: StrEnum, parties: Collection[StrEnum]
) -> tuple[str, Collection[StrEnum]]:
    """What the command path answers: `taken`, or the code of the problem and what it says is possible."""
    store = cast("Store[S, S]", _Store(state, dict.fromkeys(parties, Role.OFFICER)))
    workflow: Workflow[S, S] = Workflow(_NAME, table, store, cast("AsyncEngine", None), _CLOCK)
    command = Command(state.code, _CALLER, SeenVersion.of(state.version), None, b"")
    try:
        _finished(workflow._act(cast("AsyncConnection", None), command, action, _effect))
    except _Taken:
        return "taken", ()
    except Problem as problem:
        return problem.code, problem.extra.get("possible", ())
    raise AssertionError("the path ended without its effect")


@dataclass(frozen=True)
class Machine(Generic[S]):
    """A table with what its test must know; see the module's docstring."""

    table: TransitionTable[S]
    begin: Collection[S]
    statuses: type[StrEnum]
    actions: type[StrEnum]
    parties: type[StrEnum]
    ends: Collection[StrEnum]
    step: Callable[[S, Transition[S]], S] = moved
    unused: Collection[StrEnum] = ()
    waiting: Callable[[S], bool] = field(default=lambda _: False)

    def check(self) -> None:
        """Raise `AssertionError` with what is wrong with the table."""
        self._check_words()
        taken, states = self._explore()
        reached = {state.status for state in states}
        for number, row in enumerate(self.table.rows):
            if not any(row.applies_to(state) for state in states):
                raise AssertionError(f"no state is reached from which row {number} starts: {_described(row)}")
            if number not in taken:
                raise AssertionError(f"rows before it always come first: row {number}: {_described(row)}")
        if missing := set(self.statuses) - reached - set(self.unused):
            raise AssertionError(f"never reached, and not said to be unused: {sorted(missing)}")
        if wrong := reached & set(self.unused):
            raise AssertionError(f"reached, though said to be unused: {sorted(wrong)}")
        without_exit = reached - {source for row in self.table.rows for source in row.sources}
        if without_exit != set(self.ends):
            raise AssertionError(f"nothing leads out of {sorted(without_exit)}; the ends are {sorted(self.ends)}")
        for state in states:
            if state.status not in self.ends and not self.waiting(state):
                assert self.table.possible(state, list(self.parties)), f"nobody can do anything: {state!r}"
            for parties in _subsets(list(self.parties)):
                self.check_possible(state, parties)

    def check_possible(self, state: S, parties: Collection[StrEnum]) -> None:
        """`possible` is exactly what the command path does not refuse, and what its 409 says."""
        possible = self.table.possible(state, parties)
        assert len(set(possible)) == len(possible), possible
        for action in self.actions:
            answer, told = outcome(self.table, state, action, parties)
            assert (answer == "taken") == (action in possible), f"{action} by {parties} of {state!r}: {answer}"
            assert answer in {"taken", "wrong-state", "not-permitted"}
            if answer == "wrong-state":
                assert list(told) == possible

    def sequences(self, examples: int = 50) -> type[Any]:
        """A test case: whoever does whatever in whatever order, what is possible is done and all else is refused."""
        machine = self

        class AnySequence(RuleBasedStateMachine):
            state: S

            @initialize(state=st.sampled_from(list(machine.begin)))
            def begin(self, state: S) -> None:
                self.state = state

            @rule(
                action=st.sampled_from(list(machine.actions)),
                parties=st.sets(st.sampled_from(list(machine.parties))),
            )
            def act(self, action: StrEnum, parties: set[StrEnum]) -> None:
                possible = machine.table.possible(self.state, parties)
                answer, _ = outcome(machine.table, self.state, action, parties)
                assert (answer == "taken") == (action in possible)
                row = machine.table.row(self.state, action)
                if answer == "taken" and row is not None:
                    before, self.state = self.state, machine.step(self.state, row)
                    assert self.state.status == row.target
                    assert self.state.version == before.version + 1
                    assert before.status not in machine.ends

            @invariant()
            def ends_have_no_exits(self) -> None:
                if self.state.status in machine.ends:
                    assert machine.table.possible(self.state, list(machine.parties)) == []

        case: type[Any] = AnySequence.TestCase
        case.settings = settings(max_examples=examples, stateful_step_count=20, deadline=None)
        return case

    def _check_words(self) -> None:
        for number, row in enumerate(self.table.rows):
            assert row.sources, f"row {number} starts nowhere"
            assert row.by, f"nobody may take row {number}: {_described(row)}"
            for status in (*row.sources, row.target):
                assert isinstance(status, self.statuses), f"row {number}: {status!r} is no {self.statuses.__name__}"
            assert isinstance(row.action, self.actions), f"row {number}: {row.action!r}"
            for party in row.by:
                assert isinstance(party, self.parties), f"row {number}: {party!r}"
        unbound = set(self.actions) - {row.action for row in self.table.rows}
        assert not unbound, f"no row for {sorted(unbound)}"

    def _explore(self) -> tuple[set[int], list[S]]:
        """The rows that are ever taken, and one of all states that differ in more than their version."""
        seen: dict[str, S] = {}
        taken: set[int] = set()
        waiting = deque(self.begin)
        while waiting:
            state = waiting.popleft()
            key = repr(msgspec.structs.replace(cast("msgspec.Struct", state), version=0))
            if key in seen:
                continue
            seen[key] = state
            assert len(seen) < MOST_STATES, "too many states: let `step` keep what no row looks at as it was"
            for number, row in enumerate(self.table.rows):
                if self.table.row(state, row.action) is row:
                    taken.add(number)
                    after = self.step(state, row)
                    assert after.status == row.target, f"step of row {number} leads to {after.status}"
                    assert after.version == state.version + 1, f"step of row {number} leaves the version"
                    waiting.append(after)
        return taken, list(seen.values())


def _described(row: Transition[Any]) -> str:
    return f"{row.action} {sorted(row.sources)} → {row.target}"


def _subsets(parties: list[StrEnum]) -> chain[tuple[StrEnum, ...]]:
    return chain.from_iterable(combinations(parties, size) for size in range(len(parties) + 1))
