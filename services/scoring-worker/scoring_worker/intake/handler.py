"""The transaction of a batch of events."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import State
from scoring_worker.indicators.domain import movements
from scoring_worker.intake.fold import Fold
from scoring_worker.scores import settling
from scoring_worker.scores.catalogue import Catalogue
from scoring_worker.units import repository as units

MATURED_AT_ONCE = 1000


class Scoring:
    """Applies events to duties, counts and scores; and time, when it has brought no event."""

    def __init__(self, timezone: ZoneInfo, clock: Clock) -> None:
        self._timezone = timezone
        self._clock = clock
        self._catalogue = Catalogue()

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        """The effect of the events, all in the caller's transaction.

        They come in order for each aggregate, each once and none left out. A few statements whatever their number;
        rows that other workers wait for are locked last.
        """
        now = self._clock.now()
        definitions = [event.data for event in events if isinstance(event.data, UnitDefined)]
        await settling.begin(conn, redefines=bool(definitions))
        if definitions:
            await units.define(conn, definitions)
        aggregates = [event.aggregate for event in events]
        fold = Fold(await facts.standing(conn, set(aggregates)), timezone=self._timezone, now=now)
        for event, aggregate in zip(events, aggregates, strict=True):
            fold.apply(event, aggregate)
        if fold.told:
            await facts.insert_events(conn, fold.told)
        if fold.opened:
            await facts.insert(conn, fold.opened)
        if fold.changed:
            await facts.change(conn, fold.changed)
        await settling.settle(
            conn, self._catalogue, movements(fold.changes), now, redefined={unit.code for unit in definitions}
        )

    async def mature(self, conn: AsyncConnection) -> int:
        """Move duties whose time is over to overdue, at most `MATURED_AT_ONCE`; returns how many.

        Any number of workers may call it at once.
        """
        now = self._clock.now()
        await settling.begin(conn, redefines=False)
        ripe = await facts.mature(conn, now, MATURED_AT_ONCE)
        if ripe:
            await settling.settle(conn, self._catalogue, movements((duty, State.PENDING) for duty in ripe), now)
        return len(ripe)
