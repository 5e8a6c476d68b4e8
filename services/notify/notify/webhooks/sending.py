"""Sends what is to be sent to webhooks, beside the timed work of the process.

A delivery is taken in one transaction, sent without one, and finished in a second. Between the receiver's answer and
the second the process may die: then it is sent again when its lease is over, under the same webhook-id, by which
receivers know it. More than that nobody can offer. A receiver that is slow holds its own places and nobody else's.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter, Gauge
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog import get_logger

from cchc_shared.calendar.clock import Clock
from cchc_shared.service.beside import ended
from notify.webhooks import repository, signing
from notify.webhooks.domain import Answer, Delivery, Webhook, disabling, verdict
from notify.webhooks.posting import Poster
from notify.webhooks.rules import WebhookRules

log = get_logger()

ATTEMPTS: Final = Counter("cchc_webhook_attempts_total", "Messages to webhooks by what became of them", ["outcome"])
WAITING: Final = Gauge(
    "cchc_webhook_oldest_waiting_seconds", "Age of the oldest message that waits for a webhook which is enabled"
)
DISABLED: Final = Gauge("cchc_webhooks_disabled", "Webhooks that were disabled because of their receivers")

PLACES: Final = 4
"""So many messages at most are on their way to one webhook, by all processes together."""
LEASE: Final = timedelta(minutes=1)
"""So long nobody else sends what one process has taken: longer than any attempt takes."""
IDLE_SECONDS: Final = 0.5
AWAY_SECONDS: Final = 30.0
"""The longest pause before a database that is away is asked again."""


@dataclass
class Sender:
    """Sends for as long as the process lives."""

    engine: AsyncEngine
    clock: Clock
    key: bytes
    rules: WebhookRules
    poster: Poster
    _task: asyncio.Task[None] | None = field(default=None, init=False)
    _sending: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _open: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    """Those of which it is not known yet what becomes of their message."""
    _free: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def start(self) -> None:
        """Send from now on, beside whatever else this process does."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Take nothing more. What is under way is sent again by whoever comes after the lease; what became of a message
        that was answered is still written down."""
        if self._task is not None:
            await ended(self._task)
        await ended(*self._open)
        await self.idle()

    async def _run(self) -> None:
        rest = IDLE_SECONDS
        while True:
            self._free.clear()
            try:
                await self.round()
                rest = IDLE_SECONDS
            except Exception as error:  # noqa: BLE001 - the database is away: it is tried again
                rest = min(2 * rest, AWAY_SECONDS)
                log.warning("nothing sent to webhooks", error=type(error).__name__, again_in_seconds=rest)
            try:
                async with asyncio.timeout(rest):
                    await self._free.wait()
            except TimeoutError:
                pass

    async def round(self) -> int:
        """Take what may be sent now, and begin to send it; how many messages."""
        now, before = self.clock.now(), len(self._sending)
        async with self.engine.begin() as conn:
            waiting = await repository.due(conn, now)
        for id_ in waiting:
            async with self.engine.begin() as conn:
                webhook = await repository.get(conn, id_)
                taken = await repository.claim(conn, id_, now, now + LEASE, PLACES)
            for delivery in taken:
                if webhook is not None:
                    self._begin(webhook, delivery)
        return len(self._sending) - before

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._sending:
            await asyncio.wait(list(self._sending))

    def _begin(self, webhook: Webhook, delivery: Delivery) -> None:
        task = asyncio.create_task(self._send(webhook, delivery))
        self._sending.add(task)
        self._open.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._open.discard(task)
        self._free.set()
        if not task.cancelled() and (error := task.exception()):
            log.warning("what became of a message is not known", error=type(error).__name__)

    async def _send(self, webhook: Webhook, delivery: Delivery) -> None:
        now, body = self.clock.now(), delivery.body.encode()
        secrets = [signing.secret(self.key, webhook.id, number) for number in webhook.numbers(now)]
        headers = signing.headers(secrets, str(delivery.event_id), now, body)
        answer = await self.poster.post(webhook.url, headers, body, now)
        self._open -= {asyncio.current_task()}
        async with self.engine.begin() as conn:
            await self._finish(conn, delivery, answer, self.clock.now())

    async def _finish(self, conn: AsyncConnection, delivery: Delivery, answer: Answer, now: datetime) -> None:
        webhook = await repository.get(conn, delivery.webhook_id, lock=True)
        if webhook is None:  # deleted meanwhile, and its deliveries with it
            return
        found = verdict(delivery, answer, now, self.rules)
        ours = await repository.finish(conn, delivery, found, answer, now)
        ATTEMPTS.labels(found.state.value if ours else "lost").inc()
        if ours:
            await _note(conn, webhook, answer, now, self.rules)


async def _note(conn: AsyncConnection, webhook: Webhook, answer: Answer, now: datetime, rules: WebhookRules) -> None:
    """What the attempt says of its receiver: that it fails, since when, or not at all any more."""
    if answer.taken:
        if webhook.failing_since is not None:
            await repository.change(conn, webhook.id, failing_since=None)
        return
    reason = disabling(webhook, answer, now, rules)
    if webhook.failing_since is None:
        await repository.change(conn, webhook.id, failing_since=now)
    if reason is not None and webhook.disabled_for is None:
        await repository.change(conn, webhook.id, disabled_for=reason.value, disabled_at=now)
        log.warning("webhook disabled", webhook=str(webhook.id), system=webhook.system, reason=reason.value)


async def show(conn: AsyncConnection, now: datetime) -> None:
    """Renew the numbers that operators look at."""
    found = await repository.standing(conn)
    WAITING.set(0 if found.oldest is None else max((now - found.oldest).total_seconds(), 0))
    DISABLED.set(found.disabled)
