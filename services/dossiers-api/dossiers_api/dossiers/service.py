"""Reads dossiers, and gives their secrets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import DossierStatus
from cchc_shared.http.tracking import random_secret, secret_digest
from dossiers_api.dossiers import repository
from dossiers_api.dossiers.domain import Delivery, Dossier, Key, fold
from dossiers_api.dossiers.rules import DossierRules


@dataclass(frozen=True, slots=True)
class Dossiers:
    """What is known of dossiers."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    rules: DossierRules

    async def find(self, code: str) -> Dossier | None:
        """The dossier with that code."""
        async with self.reading.connect() as conn:
            return await repository.find(conn, code)

    async def was_sent_by(self, system: str, code: str) -> bool:
        """Whether that system has said something of the dossier."""
        async with self.reading.connect() as conn:
            return await repository.was_sent_by(conn, system, code)

    async def give_secret(self, code: str, given_by: str) -> str:
        """A new secret of a dossier that is there, for its receipt."""
        secret = random_secret()
        async with self.engine.begin() as conn:
            await repository.give_secret(conn, code, secret_digest(secret), given_by, self.clock.now())
        return secret

    async def has_secret(self, code: str, secret: str) -> bool:
        """Whether that is a secret of that dossier."""
        async with self.reading.connect() as conn:
            return await repository.has_secret(conn, code, secret_digest(secret))

    async def history(self, code: str) -> tuple[list[Delivery], frozenset[Key]]:
        """All that was said of a dossier that is known, and the keys of what goes backwards."""
        async with self.reading.connect() as conn:
            said = (await repository.said_of(conn, [code]))[code]
        return said, fold(said, self.rules.requests_in_time.value).backwards

    async def page(
        self, unit: str | None, status: DossierStatus | None, after: tuple[datetime, str] | None, limit: int
    ) -> list[Dossier]:
        """Dossiers of a unit, or of all, the newest first."""
        async with self.reading.connect() as conn:
            return await repository.page(conn, unit, status, after, limit)
