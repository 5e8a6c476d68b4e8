"""Use case of exported components: read from what was published, never from live scores."""

from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.http.problems import not_found
from scoring_worker.components.domain import component
from scoring_worker.components.schemas import Component, ComponentKeys
from scoring_worker.components.signing import Signer
from scoring_worker.ledger import repository as ledger


@dataclass(frozen=True)
class Components:
    reading: AsyncEngine
    signer: Signer | None

    async def get(self, owner: str | None, set_code: str, field: str, period: str) -> Component:
        """A field of what was published last for a period. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            link = await ledger.newest(conn, owner or "", set_code, period=period)
            text = None if link is None else await ledger.document(conn, link)
        found = None if text is None else component(msgspec.json.decode(text), field)
        if found is None:
            raise not_found("điểm thành phần đã công bố", "published points of this field")
        return Component.model_validate({**found, "signature": self.signer.sign(found) if self.signer else None})

    def keys(self) -> ComponentKeys:
        """The public key that signatures are checked with."""
        return ComponentKeys(keys=[self.signer.public] if self.signer else [])
