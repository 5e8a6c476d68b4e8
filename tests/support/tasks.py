"""What the tests of tasks-api work with: the city's documents, and a client that acts as whoever the test says."""

from dataclasses import dataclass
from datetime import date
from typing import Unpack

import httpx
from sqlalchemy import select

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.context import Context
from tasks_api.metadata import outbox
from tasks_api.naming.reader import UnitReader
from tasks_api.plans.domain import PlanDocument
from tasks_api.tasks.rules import TaskRules
from tasks_api.units.domain import Unit, UnitIndex
from tasks_api.units.rules import Aliases, Groups
from tests.support.http import Given, Headers, Json, Query
from tests.support.tokens import TestTokens


@dataclass(frozen=True)
class Profile:
    """The documents of the city."""

    units: list[Unit]
    plan: PlanDocument
    rules: TaskRules
    calendar: WorkingCalendar
    groups: Groups
    aliases: Aliases

    def unit_index(self, on: date, *, empty: bool = False) -> UnitIndex:
        return UnitIndex([] if empty else self.units, self.groups, on)

    def unit_reader(self, on: date, *, empty: bool = False) -> UnitReader:
        return UnitReader([] if empty else self.units, self.groups, self.aliases, on)


class Api:
    """Calls the service as whoever the test says, and looks into its database."""

    def __init__(self, client: httpx.AsyncClient, here: Context, tokens: TestTokens) -> None:
        self.here, self._client, self._tokens = here, client, tokens

    def token(self, *roles: str, unit: str | None = None, sub: str = "someone") -> Headers:
        return self._tokens(sub=sub, roles=roles, unit=unit)

    @property
    def coordinator(self) -> Headers:
        return self.token("coordinator", sub="office")

    @property
    def operator(self) -> Headers:
        return self.token("operator", sub="operator")

    def officer(self, unit: str) -> Headers:
        return self.token("officer", unit=unit, sub=f"officer of {unit}")

    def head(self, unit: str) -> Headers:
        return self.token("unit_head", unit=unit, sub=f"head of {unit}")

    async def get(self, path: str, who: Headers | None = None, /, **query: Query) -> httpx.Response:
        return await self._client.get(path, params=query, headers=who)

    async def send(self, method: str, path: str, who: Headers | None = None, **more: Unpack[Given]) -> httpx.Response:
        more["headers"] = {**(who or {}), **more.get("headers", {})}
        return await self._client.request(method, path, **more)

    async def act(self, task: Json, action: str, who: Headers, **body: object) -> httpx.Response:
        """Take an action on the version of the task that the test saw."""
        headers = who | {"If-Match": f'"{task["version"]}"'}
        return await self._client.post(f"/v1/tasks/{task['code']}/actions/{action}", json=body, headers=headers)

    async def events(self) -> list[tuple[str, int, str]]:
        """What stands in the outbox: subject, version and last words of the type, in order of writing."""
        query = select(outbox.c.aggregateid, outbox.c.aggregateversion, outbox.c.type)
        async with self.here.engine.connect() as conn:
            rows = (await conn.execute(query.order_by(outbox.c.xid, outbox.c.seq))).all()
        return [(row.aggregateid, row.aggregateversion, row.type.removeprefix("vn.hanoi.cchc.")) for row in rows]
