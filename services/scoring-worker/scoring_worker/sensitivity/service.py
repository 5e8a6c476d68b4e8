"""Use case of sensitivity: what is known now, under weights that are drawn. Nothing is stored."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.problems import not_found, overloaded
from scoring_worker.catalogue.catalogue import Catalogue
from scoring_worker.periods import parse
from scoring_worker.scores import picture
from scoring_worker.sensitivity import views
from scoring_worker.sensitivity.domain import Found, Placed, stability, table_of
from scoring_worker.sensitivity.schemas import Sensitivity, SensitivityIn

AT_ONCE: Final = 1
"""Each takes every core for a moment; others wait for their answers too."""


@dataclass(frozen=True)
class Sensitivities:
    """Each is read from one snapshot of the database, and reckoned outside the event loop."""

    reading: AsyncEngine
    clock: Clock
    catalogue: Catalogue = field(default_factory=Catalogue)
    reckoning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def run(self, asked: SensitivityIn) -> Sensitivity:
        """The ranks of a kind of unit under other weights. Raises 404 and 503 problems."""
        if self.reckoning.locked():
            raise overloaded(retry_after=2)
        async with self.reckoning:
            period = parse(asked.period)
            engine = self.reading.execution_options(isolation_level="REPEATABLE READ")
            async with engine.connect() as conn:
                await self.catalogue.refresh(conn)
                edition = self.catalogue.find(asked.set, period)
                if edition is None:
                    raise not_found("bộ chỉ số", "the index set")
                now = self.clock.now()
                seen = await picture.load(conn, edition, period, now=now, as_of=None, known_at=None, whole=True)
            scores = [one for one in seen.ranked() if one.kind == asked.kind]
            placed = [
                Placed(seen.subject(one.code), one.rank, one.band, seen.gates(one.code))
                for one in scores
                if one.rank is not None
            ]
            draws = asked.of()

            def reckoned() -> Found:
                return stability(table_of(edition.evaluator, asked.kind, placed), draws)

            found = await asyncio.to_thread(reckoned)
        return views.sensitivity(edition.document.index_set, period.code, asked.kind, draws, scores, found)
