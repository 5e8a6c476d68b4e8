"""Inspections and recommendations as the workflow loads, stores and shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.storage.history import HistoryEntry
from tasks_api.inspections import access, repository
from tasks_api.inspections.domain import Inspection, Recommendation
from tasks_api.inspections.schemas import InspectionItem, InspectionOut, RecommendationOut, conclusions_out
from tasks_api.inspections.transitions import RECOMMENDATIONS, TABLE


@dataclass(frozen=True)
class RecommendationStore:
    clock: Clock

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Recommendation | None:
        return await repository.get_recommendation(conn, code, access.reader(caller), lock=True)

    def state(self, record: Recommendation) -> Recommendation:
        return record

    def parties(self, caller: Principal, record: Recommendation) -> Mapping[StrEnum, Role]:
        return access.parties_of_recommendation(caller, record)

    async def save(
        self, conn: AsyncConnection, record: Recommendation, change: Change[Recommendation], entry: HistoryEntry
    ) -> Recommendation:
        await repository.update_recommendation(conn, change.after, entry)
        return change.after

    async def show(self, conn: AsyncConnection, record: Recommendation, caller: Principal) -> RecommendationOut:
        return self.shown(record, caller)

    def shown(self, recommendation: Recommendation, caller: Principal) -> RecommendationOut:
        """The recommendation as this caller sees it."""
        possible = RECOMMENDATIONS.possible(recommendation, self.parties(caller, recommendation))
        return RecommendationOut.of(recommendation, possible, self.clock.now())


@dataclass(frozen=True)
class InspectionStore:
    recommendations: RecommendationStore

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Inspection | None:
        return await repository.get(conn, code, access.reader(caller), lock=True)

    def state(self, record: Inspection) -> Inspection:
        return record

    def parties(self, caller: Principal, record: Inspection) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record)

    async def save(
        self, conn: AsyncConnection, record: Inspection, change: Change[Inspection], entry: HistoryEntry
    ) -> Inspection:
        await repository.update_inspection(conn, change.after)
        await repository.add_history(conn, record.id, entry)
        return change.after

    async def show(self, conn: AsyncConnection, record: Inspection, caller: Principal) -> InspectionOut:
        tree = await repository.tree(conn, record.code)
        below = [self.recommendations.shown(each, caller) for each in tree.recommendations]
        possible = TABLE.possible(record, self.parties(caller, record))
        return InspectionOut.of(record, possible, conclusions=conclusions_out(tree, below))

    def item(self, inspection: Inspection, caller: Principal) -> InspectionItem:
        """The inspection in a list, as this caller sees it."""
        return InspectionItem.of(inspection, TABLE.possible(inspection, self.parties(caller, inspection)))
