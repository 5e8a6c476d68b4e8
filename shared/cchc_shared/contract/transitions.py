"""Tables of transitions: which action leads from where to where, who may take it, and what an action made. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from cchc_shared.contract.events import EventData


class Stateful(Protocol):
    """A thing with states: a task, a report. `unit` is responsible for it now; `version` counts its changes."""

    @property
    def code(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def status(self) -> StrEnum: ...

    @property
    def unit(self) -> str: ...


S = TypeVar("S", bound=Stateful)


@dataclass(frozen=True)
class Transition(Generic[S]):
    """One row of a table: from any of `sources` to `target`, by any of the parties, where `when` holds."""

    action: StrEnum
    sources: frozenset[StrEnum]
    target: StrEnum
    by: frozenset[StrEnum]
    when: Callable[[S], bool] | None = None

    def applies_to(self, state: S) -> bool:
        """Whether the row starts where this state stands."""
        return state.status in self.sources and (self.when is None or self.when(state))


def row(
    action: StrEnum,
    sources: Collection[StrEnum],
    target: StrEnum,
    by: Collection[StrEnum],
    when: Callable[[S], bool] | None = None,
) -> Transition[S]:
    """A row, its collections written as plain sets."""
    return Transition(action, frozenset(sources), target, frozenset(by), when)


class TransitionTable(Generic[S]):
    """All transitions of one kind of thing."""

    def __init__(self, *rows: Transition[S]) -> None:
        self.rows: Sequence[Transition[S]] = rows
        self._leaving: dict[StrEnum, list[Transition[S]]] = {}
        for each in rows:
            for status in each.sources:
                self._leaving.setdefault(status, []).append(each)

    def row(self, state: S, action: StrEnum) -> Transition[S] | None:
        """The row of this action where the state stands, or None. Of several the first counts."""
        leaving = self._leaving.get(state.status, ())
        return next((found for found in leaving if found.action == action and found.applies_to(state)), None)

    def possible(self, state: S, parties: Collection[StrEnum]) -> list[StrEnum]:
        """The actions that such a caller can take now, in the order of the table."""
        taken: dict[StrEnum, Transition[S]] = {}  # of several rows of an action the first counts
        for found in self._leaving.get(state.status, ()):
            if found.action not in taken and found.applies_to(state):
                taken[found.action] = found
        return [action for action, found in taken.items() if not found.by.isdisjoint(parties)]


class Step(NamedTuple, Generic[S]):
    """Input of an effect: the state before, and the same with the row's status and the next version."""

    before: S
    after: S
    at: datetime


class Change(NamedTuple, Generic[S]):
    """Result of an effect: the state after it, and the event of the change; None where nobody outside is told.

    `note` may be read by the person affected; `details` are what was given with the action, for officials.
    """

    after: S
    event: EventData | None
    note: str | None = None
    details: Mapping[str, Any] = {}
