"""Updates duties, occurrences, counts and scores after a batch of events, and as time passes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service.timers import Swept
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.counts.domain import movements
from scoring_worker.counts.repository import Locks
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import DutyState
from scoring_worker.projection.fold import Fold
from scoring_worker.scoring import recompute
from scoring_worker.units import repository as units

MARKED_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Projection:
    """Keeps facts, counts and scores in step with the events and with time.

    Unlike other use cases it works in the transaction of its caller, who commits: the consumer stores its position
    with the effect.
    """

    timezone: ZoneInfo
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)
    locks: Locks = field(default_factory=Locks)

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        """The effect of the events.

        They come in order for each aggregate, each once and none left out. A few statements whatever their number;
        rows that other workers wait for are locked last.
        """
        now = self.clock.now()
        definitions = [event.data for event in events if isinstance(event.data, UnitDefined)]
        await recompute.begin(conn, redefines=bool(definitions))
        if definitions:
            await units.define(conn, definitions)
        aggregates = [event.aggregate for event in events]
        fold = Fold(await facts.current_duties(conn, set(aggregates)), timezone=self.timezone, now=now)
        for event, aggregate in zip(events, aggregates, strict=True):
            fold.apply(event, aggregate)
        if fold.evidence:
            await facts.insert_events(conn, fold.evidence)
        if fold.opened:
            await facts.insert_duties(conn, fold.opened)
        if fold.changed:
            await facts.change_duties(conn, fold.changed)
        if fold.occurrences:
            await facts.insert_occurrences(conn, fold.occurrences)
        if fold.withdrawals:
            await facts.withdraw(conn, fold.withdrawals)
        moved = movements(fold.changes, fold.occurrences, fold.withdrawals)
        await recompute.move(
            conn, self.catalogue, self.locks, moved, now, redefined={unit.code for unit in definitions}
        )

    async def mark_overdue(self, conn: AsyncConnection, now: datetime) -> Swept:
        """Count duties as overdue whose time is over, at most `MARKED_AT_ONCE`.

        Any number of workers may call it at once. It must not share a transaction with `apply`: each locks the counts
        of units in one order, both together would not.
        """
        await recompute.begin(conn, redefines=False)
        marked = await facts.mark_overdue(conn, now, MARKED_AT_ONCE)
        if not marked:
            return Swept(0)
        moved = movements((duty, DutyState.PENDING) for duty in marked)
        await recompute.move(conn, self.catalogue, self.locks, moved, now)
        return Swept(len(marked), min(duty.due_at for duty in marked))
