"""One request and its answer, between a caller and a service."""

import asyncio
import contextlib
from typing import Final

from starlette.types import Receive, Scope, Send
from structlog import get_logger

from cchc_shared.contract.trace import traceparent
from cchc_shared.http.middleware import new_traceparent
from cchc_shared.http.problems import Problem
from gateway.forwarding import heads
from gateway.forwarding.body import Body
from gateway.upstreams import faults
from gateway.upstreams.connection import MAX_HEAD, Connection
from gateway.upstreams.faults import ClientGone, Lost, Slow, UpstreamFault
from gateway.upstreams.upstream import Upstream

log = get_logger()

_IDEMPOTENT: Final = frozenset({"GET", "PUT", "DELETE", "OPTIONS"})
# Most answers come sooner; only for the others is it worth listening for the caller to hang up.
_LISTEN_AFTER_SECONDS: Final = 0.1


class Exchange:
    """Forwards one request. `run` raises a `Problem` as long as nothing has been answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, upstream: Upstream) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._upstream = upstream
        self._trace = traceparent.get() or new_traceparent()
        self._given = dict(scope["headers"])
        self._identity = heads.request_id(self._given, self._trace)
        self.begun = False
        """Whether a part of the answer was passed on."""

    async def run(self) -> None:
        """Answer the caller.

        A fault after the answer began closes the caller's connection: half an answer must not look whole.
        """
        body = Body(self._receive, self._given.get(b"content-length"))
        try:
            await self._within_bounds(body)
        except ClientGone:
            return
        except Problem:
            if not self.begun:
                raise
        except UpstreamFault as fault:
            log.warning("forwarding", service=self._upstream.name, fault=type(fault).__name__, reason=str(fault))
            if not self.begun:
                raise faults.explain(fault, self._upstream.name) from fault

    async def _within_bounds(self, body: Body) -> None:
        try:
            async with asyncio.timeout(self._upstream.bounds.total_seconds):
                await body.begin()
                with self._upstream.slot():
                    await self._ask(body)
        except TimeoutError:
            raise Slow("took too long") if body.begun else faults.upload_too_slow() from None

    async def _ask(self, body: Body) -> None:
        """Send the request, and once more where that is safe: the connection may have been closing as we wrote."""
        head = heads.request_head(
            self._scope,
            self._given,
            service=self._upstream.name,
            trace=self._trace,
            identity=self._identity,
            framing=body.framing,
        )
        if len(head) > MAX_HEAD:
            raise faults.head_too_large(MAX_HEAD)
        repeatable = body.whole and (self._scope["method"] in _IDEMPOTENT or b"idempotency-key" in self._given)
        try:
            await self._once(head, body)
        except Lost as lost:
            if lost.answered or not repeatable:
                raise
            await self._once(head, body)

    async def _once(self, head: bytes, body: Body) -> None:
        instance, connection = await self._upstream.connection()
        connection.begin()
        try:
            if body.whole:
                connection.write(head + body.first)
                await self._relay_watched(connection)
            else:
                connection.write(head)
                await self._relay_pumping(connection, body)
        except Lost:
            instance.suspect()
            raise
        finally:
            instance.release(connection)

    async def _relay_watched(self, connection: Connection) -> None:
        listening: asyncio.Task[None] | None = None

        def listen() -> None:
            nonlocal listening
            listening = asyncio.create_task(self._until_gone(connection))

        timer = asyncio.get_running_loop().call_later(_LISTEN_AFTER_SECONDS, listen)
        try:
            await self._relay(connection)
        finally:
            timer.cancel()
            if listening is not None:
                await _end(listening)

    async def _relay_pumping(self, connection: Connection, body: Body) -> None:
        pumping = asyncio.create_task(self._pump(connection, body))
        try:
            await self._relay(connection)
        finally:
            # A service may answer before it has read the whole body, for example to refuse it.
            if not body.sent:
                connection.close()
            await _end(pumping)

    async def _relay(self, connection: Connection) -> None:
        """Pass the answer on, each piece when the caller has taken the one before."""
        answer = await connection.answer()
        headers = heads.answer_headers(answer, self._identity)
        await self._send({"type": "http.response.start", "status": answer.status, "headers": headers})
        self.begun = True
        more = True
        while more:
            piece = await connection.piece()
            more = not connection.whole
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})

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


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
