"""One request and its answer, between a caller and a service."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send
from structlog import get_logger

from cchc_shared.contract.trace import traceparent
from cchc_shared.http.events import HEAD_ONLY, stays_open
from cchc_shared.http.middleware import new_traceparent
from cchc_shared.http.problems import Problem
from gateway.forwarding import heads
from gateway.forwarding.body import Body
from gateway.forwarding.watch import ExchangeWatch
from gateway.openapi.table import Route
from gateway.upstreams import faults
from gateway.upstreams.connection import MAX_HEAD, Connection, Header
from gateway.upstreams.faults import ClientGone, Lost, Slow, Stopping, UpstreamFault
from gateway.upstreams.instance import DOUBT_SECONDS, Instance
from gateway.upstreams.upstream import Upstream

log = get_logger()

_IDEMPOTENT: Final = frozenset({"GET", "PUT", "DELETE", "OPTIONS"})
# Most answers come sooner; only for the others is it worth listening for the caller to hang up.
_LISTEN_AFTER_SECONDS: Final = 0.1


ASKED: Final = "gateway.asked"
"""In the scope of a request that was sent to its service already: its `Asked`."""


class Asked(NamedTuple):
    """A request that was sent to an instance, with the place that it occupies there."""

    upstream: Upstream
    route: Route
    instance: Instance
    connection: Connection
    caller: str
    beyond: Sequence[Header]
    """Headers that the answer gets beside the service's."""

    def give_back(self) -> None:
        """The place, and the connection if it can be used again."""
        self.upstream.leave(self.caller)
        self.instance.release(self.connection)


class Exchange:
    """Forwards one request. `run` raises a `Problem` as long as nothing has been answered.

    `given` are the headers of the request by name; `watch` tells it the time while it runs. What was `asked` already is
    not sent again, unless its connection is lost and it may be repeated. `beyond` are headers that the answer gets
    beside the service's.
    """

    def __init__(
        self,
        scope: Scope,
        given: Mapping[bytes, bytes],
        receive: Receive,
        send: Send,
        upstream: Upstream,
        watch: ExchangeWatch,
        asked: Asked | None = None,
        caller: str = "",
        beyond: Sequence[Header] = (),
    ) -> None:
        self._scope = scope
        self._given = given
        self._receive = receive
        self._send = send
        self._upstream = upstream
        self._watch = watch
        self._asked = asked
        self._caller = caller
        self._beyond = list(beyond)
        self._trace = traceparent.get() or new_traceparent()
        self._identity = heads.request_id(given, self._trace)
        self._body = Body(receive, given.get(b"content-length"))
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._late = False
        self._connection: Connection | None = None
        """That which the answer is awaited from."""
        self._instance: Instance | None = None
        self._beside: asyncio.Task[None] | None = None
        """Sends the body, or listens for the caller to hang up."""
        self.begun = False
        """Whether a part of the answer was passed on."""
        self._has_a_place = asked is not None
        self._stays_open = False
        """Whether the answer has no end of its own: it may be silent for as long as others, and take as long as it
        likes."""

    async def run(self) -> None:
        """Answer the caller.

        A fault after the answer began closes the caller's connection: half an answer must not look whole.
        """
        try:
            await self._within_bounds(self._body)
        except ClientGone:
            return
        except Problem:
            if not self.begun:
                raise
        except UpstreamFault as fault:
            log.warning("forwarding", service=self._upstream.name, fault=type(fault).__name__, reason=str(fault))
            if not self.begun:
                raise faults.explain(fault, self._upstream.name) from fault

    def look(self, now: float) -> None:
        """Do what time asks for: end what takes too long, and listen for the caller once the answer is not quick."""
        bounds, connection = self._upstream.bounds, self._connection
        if self._late:
            return
        sent = self._body.whole or self._body.sent
        if self._stays_open and self._scope["app"].state.draining and connection is not None:
            connection.fail(Stopping())
        if now >= self._began + bounds.total_seconds and not self._stays_open:
            self._late = True
            if connection is not None and sent and not self.begun:
                connection.fail(Slow("took too long"))
            elif self._task is not None:
                self._task.cancel()
            return
        if connection is None:
            return
        waited = now - connection.waits_since(sent=sent)
        if waited >= bounds.idle_seconds:
            connection.fail(Slow("silent for too long"))
            return
        if waited >= DOUBT_SECONDS and self._instance is not None and not self._stays_open:
            self._instance.doubt()
        if self._beside is None and now >= self._began + _LISTEN_AFTER_SECONDS:
            self._beside = asyncio.create_task(self._until_gone(connection))

    async def _within_bounds(self, body: Body) -> None:
        self._task = asyncio.current_task()
        self._began = self._watch.begin(self)
        try:
            await body.begin()
            if not self._has_a_place:
                self._upstream.enter(self._caller, pressed=self._watch.pressed)
                self._has_a_place = True
            await self._ask(body)
        except asyncio.CancelledError:
            # As `asyncio.timeout` has it: whoever else cancelled it as well is obeyed.
            if not self._late or self._task is None or self._task.uncancel() > 0:
                raise
            raise Slow("took too long") if body.begun else faults.upload_too_slow() from None
        finally:
            self._watch.end(self)
            self._leave()
            if self._asked is not None:  # it did not come to its answer
                self._asked.instance.release(self._asked.connection)

    async def _ask(self, body: Body) -> None:
        """Send the request, and once more where that is safe: the connection may have been closing as we wrote."""
        head = heads.request_head(
            self._scope,
            self._given,
            service=self._upstream.name,
            trace=self._trace,
            identity=self._identity,
            framing=body.framing,
            seconds=self._began + self._upstream.bounds.total_seconds - asyncio.get_running_loop().time(),
        )
        if len(head) > MAX_HEAD:
            raise faults.head_too_large(MAX_HEAD)
        repeatable = body.whole and (self._scope["method"] in _IDEMPOTENT or b"idempotency-key" in self._given)
        asked, self._asked = self._asked, None
        try:
            if asked is None:
                await self._once(head, body)
            else:
                await self._answered(asked.instance, asked.connection, body)
        except Lost as lost:
            if lost.answered or not repeatable:
                raise
            await self._once(head, body)

    async def _once(self, head: bytes, body: Body) -> None:
        instance, connection = await self._upstream.connection()
        connection.begin()
        await self._answered(instance, connection, body, head + body.first if body.whole else head)

    async def _answered(self, instance: Instance, connection: Connection, body: Body, request: bytes = b"") -> None:
        try:
            if request:
                connection.write(request)
            self._instance = instance
            await self._relay_beside(connection, body)
        except Lost:
            instance.lost()
            raise
        finally:
            instance.release(connection)

    async def _relay_beside(self, connection: Connection, body: Body) -> None:
        """Pass the answer on while the rest of the body is sent, or `look` has somebody listen for the caller."""
        self._connection = connection
        if not body.whole:
            self._beside = asyncio.create_task(self._pump(connection, body))
        try:
            await self._relay(connection)
        finally:
            self._connection = None
            # A service may answer before it has read the whole body, for example to refuse it.
            if not (body.whole or body.sent):
                connection.close()
            if self._beside is not None:
                await self._end(self._beside)

    async def _relay(self, connection: Connection) -> None:
        """Pass the answer on, each piece when the caller has taken the one before."""
        answer = await connection.answer()
        self._upstream.heard(answer)
        headers = heads.answer_headers(answer, self._identity) + self._beyond
        self._stays_open = stays_open(answer.headers)
        if self._stays_open:  # it waits, and others need the place: its service bounds how many there are
            self._leave()
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        self.begun = True
        more = not (self._stays_open and HEAD_ONLY in self._scope)
        if not more:
            await self._send({"type": "http.response.body"})
        while more:
            try:
                piece = await connection.piece()
                more = not connection.whole
            except Stopping:  # half an event at the end is dropped by its reader, who comes again
                piece, more = b"", False
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})

    def _leave(self) -> None:
        if self._has_a_place:
            self._upstream.leave(self._caller)
            self._has_a_place = False

    async def _pump(self, connection: Connection, body: Body) -> None:
        try:
            await body.pump(connection)
        except (ClientGone, Problem) as reason:
            connection.fail(reason)
            return
        except UpstreamFault:  # waiting for the answer raises it too
            return
        await self._until_gone(connection)

    async def _until_gone(self, connection: Connection) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        connection.fail(ClientGone())

    async def _end(self, beside: asyncio.Task[None]) -> None:
        self._beside = None
        beside.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beside
