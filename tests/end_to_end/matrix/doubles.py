"""The services of a running system once more, in this process and on its database, where nothing is kept.

Each transaction is rolled back where it would be committed. So every caller is answered at the moment at which the
request can be carried out, in full, and the next one finds things as they were.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import asyncpg
import httpx
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import Message

import dossiers_api.bootstrap
import feedback_api.bootstrap
import notify.bootstrap
import scoring_worker.bootstrap
import tasks_api.bootstrap
from cchc_shared.contract.codes import Role
from cchc_shared.files.settings import TakingSettings
from cchc_shared.http.access import declaration, names_of
from cchc_shared.service.http_settings import HttpSettings
from cchc_shared.service.settings import ServiceSettings
from feedback_api.intake import repository as intake
from feedback_api.intake.repository import IntakeRow
from feedback_api.settings import FeedbackSettings
from notify.settings import NotifySettings
from scoring_worker.settings import ScoringSettings
from tests.end_to_end.matrix.cells import Cell, Known
from tests.support.system import System

BUILT: Mapping[str, tuple[type[HttpSettings], Callable[[Any], FastAPI]]] = {
    "tasks-api": (TakingSettings, tasks_api.bootstrap.build_app),
    "feedback-api": (FeedbackSettings, feedback_api.bootstrap.build_app),
    "dossiers-api": (ServiceSettings, dossiers_api.bootstrap.build_app),
    "notify": (NotifySettings, notify.bootstrap.build_app),
    "scoring-api": (ScoringSettings, scoring_worker.bootstrap.build_app),
}


class Answer(NamedTuple):
    status: int
    media: str
    body: bytes


@dataclass(frozen=True)
class Operation:
    """An operation with what it declares of its callers."""

    id: str
    method: str
    path: str
    app: FastAPI
    roles: frozenset[Role]
    anonymous: bool


class Doubles:
    """The services, and how they are asked."""

    def __init__(self, apps: Mapping[str, FastAPI], known: Known) -> None:
        self._known = known
        self.operations = {each.id: each for app in apps.values() for each in _operations(app)}

    async def ask(self, operation: Operation, request: httpx.Request, cell: Cell) -> Answer:
        """The answer to that request, sent by this caller."""
        own = {b"authorization", b"host", b"user-agent", b"accept-encoding", b"connection"}
        headers = [(name.lower(), value) for name, value in request.headers.raw if name.lower() not in own]
        headers += [(name.encode(), value.encode()) for name, value in self._known.header(cell).items()]
        headers.append((b"host", b"service"))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": httpx.URL(request.url).path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("service", 80),
        }
        return await _answered(operation.app, scope, request.read())


async def _answered(app: FastAPI, scope: dict[str, Any], body: bytes) -> Answer:
    parts: list[bytes] = []
    head: dict[str, Any] = {}
    sent, ended = False, asyncio.Event()

    async def receive() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                ended.set()

    await app(scope, receive, send)
    media = dict(head["headers"]).get(b"content-type", b"").decode()
    return Answer(head["status"], media, b"".join(parts))


def _operations(app: FastAPI) -> Iterator[Operation]:
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        found = None if dependant is None else declaration(dependant)
        if found is not None and getattr(context, "include_in_schema", True):
            route = getattr(context, "original_route", context)
            id_, *tags = names_of(route)
            if "health" not in tags:
                [method] = (context.methods or set()) - {"HEAD"}
                yield Operation(id_, method, context.path or "", app, found.roles, found.anonymous)


async def _write(conn: AsyncConnection, rows: Sequence[IntakeRow]) -> set[str]:
    """New reports are written past SQLAlchemy, by a statement that is a transaction of its own."""
    raw = await conn.get_raw_connection()
    driver: asyncpg.Connection[asyncpg.Record] = raw.driver_connection
    transaction = driver.transaction()
    await transaction.start()
    try:
        return await KEPT(conn, rows)
    finally:
        await transaction.rollback()


KEPT: Final = intake.write


@asynccontextmanager
async def doubles(system: System) -> AsyncIterator[Doubles]:
    """The services on the database of a running system."""
    known = Known()
    async with AsyncExitStack() as stack:
        stack.enter_context(patch.object(intake, "write", _write))
        apps = {}
        for part, (settings, build) in BUILT.items():
            with patch.dict(os.environ, system.environment(part), clear=True):
                apps[part] = app = build(settings())
            app.state.tokens = known
            await stack.enter_async_context(app.router.lifespan_context(app))
            dialect = app.state.engine.dialect
            dialect.do_commit = dialect.do_rollback
        yield Doubles(apps, known)
