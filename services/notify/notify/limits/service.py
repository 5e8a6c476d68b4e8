"""The use case of limits."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.contract.rules import RuleBroken
from notify.limits import repository
from notify.limits.schemas import AdditionIn, Owed


@dataclass(frozen=True, slots=True)
class CallerLimits:
    """Adds up what gateways let callers do. It decides nothing: gateways do, by what it tells them."""

    engine: AsyncEngine

    async def add(self, told: AdditionIn) -> Owed:
        """What each caller owes, after this was added. Raises `RuleBroken` if a caller is told twice."""
        if len({each.key for each in told.items}) < len(told.items):
            raise RuleBroken("items", "mỗi khóa chỉ được có một lần", "each key may come once")
        async with self.engine.begin() as conn:
            owed = await repository.add(conn, told.items)
        return Owed(seconds=[owed[each.key] for each in told.items])
