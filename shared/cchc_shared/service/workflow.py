"""The one command path of every state machine.

Load and lock, 404, 412, 409 with what is possible, 403, effect, state with history and event, reply under the key.
Features bring a table of transitions, pure effects, and a store; nothing of the path is written again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.transitions import Change, Stateful, Step, Transition, TransitionTable
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.kinds import kind
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox

S = TypeVar("S", bound=Stateful)
R = TypeVar("R")


WRONG_STATE: Final = kind(
    "wrong-state",
    409,
    vi="Không làm được việc này ở trạng thái hiện tại.",
    en="This cannot be done in the present state.",
    mend_vi="Làm một trong các việc ghi ở `possible`.",
    mend_en="Take one of the actions named in `possible`.",
)
NOT_PERMITTED: Final = kind(
    "not-permitted",
    403,
    vi="Việc này do người khác làm ở bước này.",
    en="At this step, somebody else must do this.",
    mend_vi="Để người ghi ở `by` làm.",
    mend_en="Leave it to those named in `by`.",
)


@dataclass(frozen=True, slots=True)
class Command:
    """Input of every action. The caller saw version `seen`; `key` and `digest` identify a repeated request."""

    code: str
    caller: Principal
    seen: SeenVersion
    key: str | None
    digest: bytes


Effect = Callable[[AsyncConnection, Step[S]], Awaitable[Change[S] | None]]
"""Makes the change of one action; None when the thing itself stays as it is. Raises `RuleBroken` or a problem where the
rules say no; nothing is written then."""


class Store(Protocol[R, S]):
    """Storage of the things of a feature. `R` is a thing as it is loaded, `S` the state in it that actions change."""

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> R | None:
        """The thing, locked; None when there is none, or none that the caller may see."""

    def state(self, record: R) -> S:
        """The state that actions change."""

    def parties(self, caller: Principal, record: R) -> Mapping[StrEnum, Role]:
        """What the caller is to the thing, and the role that makes them so."""

    async def save(self, conn: AsyncConnection, record: R, change: Change[S], entry: HistoryEntry) -> R:
        """Store the changed state, its row of history and what else follows; return the thing as it is now."""

    async def show(self, conn: AsyncConnection, record: R, caller: Principal) -> BaseModel:
        """The thing as this caller sees it."""


@dataclass(frozen=True, slots=True)
class Workflow(Generic[R, S]):
    """The command path over one table and one store. `name` is what people call such a thing."""

    name: Text
    table: TransitionTable[S]
    store: Store[R, S]
    engine: AsyncEngine
    clock: Clock

    async def run(self, command: Command, action: StrEnum, effect: Effect[S]) -> Reply:
        """Take an action, commit, and reply with the thing as it is then.

        Raises 404 for a thing not to be seen, 412 when it changed meanwhile, 409 with what is possible in a wrong
        state, 403 when that is for somebody else to do, and what `effect` raises; nothing is changed then.
        """

        async def work(conn: AsyncConnection) -> Reply:
            record = await self._act(conn, command, action, effect)
            shown = await self.store.show(conn, record, command.caller)
            body = shown.model_dump_json(exclude_unset=True).encode()
            return Reply(200, body, {"ETag": etag(self.store.state(record).version)})

        whose = command.caller.namespace
        return await once(
            self.engine, caller=whose, key=command.key, digest=command.digest, work=work, about=command.code
        )

    async def _act(self, conn: AsyncConnection, command: Command, action: StrEnum, effect: Effect[S]) -> R:
        record = await self.store.load(conn, command.code, command.caller)
        if record is None:
            raise not_found(self.name.vi, self.name.en)
        before = self.store.state(record)
        # Before the state is looked at: a unit that repeats its transfer, having lost the answer, must learn that it
        # was done.
        if before.version not in command.seen:
            raise stale(before.version)
        parties = self.store.parties(command.caller, record)
        row = self.table.row(before, action)
        if row is None:
            raise self._wrong_state(before, parties)
        role = next((role for party, role in parties.items() if party in row.by), None)
        if role is None:
            raise _not_permitted(row)
        at = self.clock.now()
        change = await effect(conn, Step(before, _moved(before, row), at))
        if change is None:
            return record
        entry = entry_of(
            before,
            change,
            action=action,
            at=at,
            recorded_at=self.clock.now(),
            actor=command.caller.sub or None,
            role=role,
        )
        return await self.record(conn, record, change, entry)

    async def record(self, conn: AsyncConnection, record: R, change: Change[S], entry: HistoryEntry) -> R:
        """State, history and event of one change, in the caller's transaction."""
        saved = await self.store.save(conn, record, change, entry)
        if change.event is not None:
            await outbox.write(conn, [event_of(change, entry)])
        return saved

    def _wrong_state(self, before: S, parties: Mapping[StrEnum, Role]) -> Problem:
        return Problem(
            WRONG_STATE,
            vi=f"Không làm được việc này ở trạng thái hiện tại của {self.name.vi}.",
            en=f"This cannot be done now: {self.name.en} is {before.status}.",
            extra={"state": before.status, "possible": self.table.possible(before, parties)},
        )


def entry_of(
    before: S | None,
    change: Change[S],
    *,
    action: str,
    at: datetime,
    recorded_at: datetime,
    actor: str | None = None,
    role: Role | None = None,
) -> HistoryEntry:
    """The row of history for a change that happened at `at`; `before` is None for the first."""
    return HistoryEntry(
        version=change.after.version,
        action=action,
        from_status=None if before is None else before.status.value,
        status=change.after.status.value,
        from_unit=None if before is None else before.unit,
        unit=change.after.unit,
        actor=actor,
        role=role,
        at=at,
        recorded_at=recorded_at,
        note=change.note,
        details=change.details,
    )


def event_of(change: Change[Any], entry: HistoryEntry) -> Event:
    """The event of a change that has one, with the times of its row of history."""
    assert change.event is not None  # noqa: S101 - asked before
    return new_event(
        change.event,
        subject=change.after.code,
        version=change.after.version,
        occurred_at=entry.at,
        recorded_at=entry.recorded_at,
    )


def _moved(before: S, row: Transition[S]) -> S:
    return msgspec.structs.replace(before, status=row.target, version=before.version + 1)  # type: ignore[type-var]


def _not_permitted(row: Transition[Any]) -> Problem:
    return Problem(
        NOT_PERMITTED,
        extra={"by": sorted(row.by)},
    )
