"""The use cases of webhooks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import Asked, reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.storage.idempotency import Reply, once
from notify.audience.domain import scope_of
from notify.systems import repository as systems
from notify.systems.domain import System, code_of, subject
from notify.systems.problems import NOT_CONNECTED
from notify.webhooks import repository, signing
from notify.webhooks.domain import DisabledFor, Webhook, check_wanted
from notify.webhooks.problems import TOO_MANY_WEBHOOKS
from notify.webhooks.rules import WebhookRules
from notify.webhooks.schemas import (
    MOST_REPLAYED,
    DeliveryOut,
    DeliveryPage,
    DeliveryQuery,
    NewWebhook,
    ReplayIn,
    ReplayOut,
    WebhookOut,
    WebhookPage,
    WebhookWithSecret,
)
from notify.webhooks.targets import Resolve, check_target, resolve


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Each method is one transaction. A system finds its own webhooks only: others are not there for it."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    rules: WebhookRules
    key: bytes
    loopback: bool
    ask: Resolve = resolve

    async def page(self, caller: Principal, cursor: str | None, limit: int) -> WebhookPage:
        """The caller's own, or all for an operator, the oldest first."""
        after = None if cursor is None else decode_cursor(cursor, UUID)[0]
        own = None if caller.has(Role.OPERATOR) else code_of(caller.sub)
        async with self.reading.connect() as conn:
            found = await repository.page(conn, own, after, limit + 1)
        items = [WebhookOut.model_validate(each) for each in found[:limit]]
        return WebhookPage(items=items, next_cursor=encode_cursor(str(items[-1].id)) if len(found) > limit else None)

    async def get(self, id_: UUID, caller: Principal) -> WebhookOut:
        """One. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return WebhookOut.model_validate(await _find(conn, id_, caller))

    async def create(self, given: NewWebhook, asked: Asked) -> Reply:
        """A new one, with its secret. Raises `RuleBroken`, and 403 and 409 problems."""
        await check_target(given.url, self.ask, loopback=self.loopback)
        now = self.clock.now()

        async def work(conn: AsyncConnection) -> Reply:
            system = await _system(conn, given, asked.caller)
            scope = scope_of(system.routes, system.units, whole_city=system.whole_city)
            check_wanted(given.event_types, given.units, scope)
            if await repository.lock_system(conn, system.code) >= self.rules.most_webhooks.value:
                raise Problem(TOO_MANY_WEBHOOKS)
            wanted = given.model_dump(exclude={"system"})
            new = Webhook(id=uuid7(), system=system.code, **wanted, created_at=now, created_by=asked.caller.sub)
            await repository.add(conn, new)
            return reply(201, WebhookOut.model_validate(new), {"Location": f"/v1/webhooks/{new.id}"})

        return self._with_secret(await self._once(asked, work))

    async def remove(self, id_: UUID, caller: Principal) -> None:
        """It is gone, with what waits for it. Raises a 404 problem."""
        async with self.engine.begin() as conn:
            await _find(conn, id_, caller, lock=True)
            await repository.remove(conn, id_)

    async def rotate(self, id_: UUID, asked: Asked) -> Reply:
        """A new secret; the one before signs beside it for a while. Raises a 404 problem."""
        until = self.clock.now() + self.rules.overlap

        async def work(conn: AsyncConnection) -> Reply:
            found = await _find(conn, id_, asked.caller, lock=True)
            after = msgspec.structs.replace(found, secret_number=found.secret_number + 1, previous_until=until)
            await repository.change(conn, id_, secret_number=after.secret_number, previous_until=until)
            return reply(200, WebhookOut.model_validate(after))

        return self._with_secret(await self._once(asked, work))

    async def enable(self, id_: UUID, caller: Principal) -> WebhookOut:
        """It is sent what waits for it, at once, and whatever comes. Raises a 404 problem."""
        return await self._switch(id_, caller, None)

    async def disable(self, id_: UUID, caller: Principal) -> WebhookOut:
        """It is sent nothing: what comes waits for it, for as long as deliveries are kept. Raises a 404 problem."""
        return await self._switch(id_, caller, DisabledFor.ASKED)

    async def _switch(self, id_: UUID, caller: Principal, reason: DisabledFor | None) -> WebhookOut:
        now = self.clock.now()
        async with self.engine.begin() as conn:
            found = await _find(conn, id_, caller, lock=True)
            if (found.disabled_for is None) != (reason is None):
                at = None if reason is None else now
                await repository.change(conn, id_, disabled_for=reason, disabled_at=at, failing_since=None)
                if reason is None:
                    await repository.wake(conn, id_, now)
                found = await _find(conn, id_, caller)
        return WebhookOut.model_validate(found)

    async def deliveries(self, id_: UUID, caller: Principal, wanted: DeliveryQuery) -> DeliveryPage:
        """What was to be sent to it, the newest first. Raises a 404 problem."""
        before = None if wanted.cursor is None else decode_cursor(wanted.cursor, int)[0]
        async with self.reading.connect() as conn:
            await _find(conn, id_, caller)
            rows = await repository.deliveries_of(conn, id_, wanted.state, before, wanted.limit + 1)
        shown = rows[: wanted.limit]
        return DeliveryPage(
            items=[DeliveryOut.model_validate(row) for row in shown],
            next_cursor=encode_cursor(shown[-1]["id"]) if len(rows) > wanted.limit else None,
        )

    async def replay(self, id_: UUID, caller: Principal, wanted: ReplayIn) -> ReplayOut:
        """Send a range again. Raises `RuleBroken`, and a 404 problem."""
        timed = wanted.since is not None or wanted.until is not None
        if timed == bool(wanted.event_ids):
            raise RuleBroken(
                "event_ids", "nêu khoảng thời gian hoặc các sự kiện", "name a range of time, or events, and not both"
            )
        range_ = repository.Range(wanted.since, wanted.until, wanted.event_ids)
        async with self.engine.begin() as conn:
            await _find(conn, id_, caller, lock=True)
            found = await repository.replay(conn, id_, range_, self.clock.now(), MOST_REPLAYED)
        return ReplayOut(replayed=found)

    def _with_secret(self, kept: Reply) -> Reply:
        """The answer with the secret, which is not kept: a repeated request is answered alike, for it is derived."""
        shown = msgspec.json.decode(kept.body)
        secret = signing.secret(self.key, UUID(shown["id"]), shown["secret_number"])
        return reply(kept.status, WebhookWithSecret(**shown, secret=signing.shown(secret)), kept.headers)

    async def _once(self, asked: Asked, work: Callable[[AsyncConnection], Awaitable[Reply]]) -> Reply:
        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)


async def _find(conn: AsyncConnection, id_: UUID, caller: Principal, *, lock: bool = False) -> Webhook:
    found = await repository.get(conn, id_, lock=lock)
    if found is None or not (caller.has(Role.OPERATOR) or caller.sub == subject(found.system)):
        raise not_found("địa chỉ nhận tin này", "this webhook")
    return found


async def _system(conn: AsyncConnection, given: NewWebhook, caller: Principal) -> System:
    """The system that is to be told: by an operator's word, else the caller itself."""
    if not caller.has(Role.OPERATOR):
        own = await systems.get(conn, code_of(caller.sub))
        if own is None or given.system not in {None, own.code}:
            raise Problem(NOT_CONNECTED)
        return own
    named = None if given.system is None else await systems.get(conn, given.system)
    if named is None:
        raise RuleBroken("system", "nêu mã một hệ thống kết nối", "name the code of a connected system")
    return named
