"""Use case of progress: count tasks on any day by what they have in common."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import invalid
from tasks_api.city import City
from tasks_api.progress import repository
from tasks_api.progress.domain import By, Counts, Levels, Origin
from tasks_api.progress.repository import Scope
from tasks_api.progress.schemas import CountsOut, ProgressGroup, ProgressQuery, ProgressTable
from tasks_api.tasks.access import reader


@dataclass(frozen=True)
class ProgressReader:
    """Counts of tasks. What a caller may read in the list of tasks, that is counted for them."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    levels: Levels
    due_soon_days: int

    async def table(self, wanted: ProgressQuery, caller: Principal, language: str) -> ProgressTable:
        """Groups by their keys. Raises a 422 problem for a role without a unit, or for a level that is not there."""
        day = wanted.as_of or self.calendar.local_date(self.clock.now())
        scope = Scope(
            wanted=wanted,
            reader=reader(caller),
            day=day,
            end=self.calendar.end_of_day(day),
            timezone=self.calendar.timezone.key,
            due_soon_days=self.due_soon_days,
            city=self.city.assigning_unit,
        )
        self._check(scope)
        after = decode_cursor(wanted.cursor, str)[0] if wanted.cursor else None
        async with self.reading.connect() as conn:
            if wanted.source:
                scope = scope._replace(origins=await self._origins(conn, wanted.source))
            found = await repository.counts(conn, scope)
            total = sum((counts for _, counts in found), Counts())
            if wanted.by is By.ROLE:  # the others have each task in one group
                [(_, total)] = await repository.counts(conn, scope, grouped=False)
        groups = self._groups(wanted.by, found)
        keys = sorted(key for key in groups if after is None or key > after)
        shown = keys[: wanted.limit]
        return ProgressTable(
            as_of=day,
            by=wanted.by,
            total=CountsOut.counted(total),
            items=[
                ProgressGroup.grouped(key or None, self._name(wanted.by, key, language), groups[key]) for key in shown
            ],
            next_cursor=encode_cursor(shown[-1]) if len(keys) > len(shown) else None,
        )

    def _check(self, scope: Scope) -> None:
        wanted = scope.wanted
        if scope.along is None and (wanted.role or wanted.by is By.ROLE):
            raise invalid([FieldError("query.unit", "cần có khi xem theo vai trò", "is needed with roles")])
        if wanted.source and wanted.source not in self.levels.names:
            codes = ", ".join(self.levels.names)
            raise invalid([FieldError("query.source", f"phải là một trong: `{codes}`", f"must be one of: {codes}")])

    async def _origins(self, conn: AsyncConnection, level: str) -> list[Origin]:
        every = await repository.origins(conn, self.city.assigning_unit)
        return [origin for origin in every if self.levels.of(origin) == level]

    def _groups(self, by: By, found: list[tuple[repository.Key, Counts]]) -> Mapping[str, Counts]:
        """The groups by key; the empty key stands for none."""
        groups: dict[str, Counts] = {}
        for key, counts in found:
            named = self.levels.of(Origin(*key)) if by is By.SOURCE else key[0] or ""
            groups[named] = groups.get(named, Counts()) + counts
        return groups

    def _name(self, by: By, key: str, language: str) -> str | None:
        return str(getattr(self.levels.names[key], language)) if by is By.SOURCE else None
