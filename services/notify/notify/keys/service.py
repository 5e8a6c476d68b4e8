"""The use cases of keys."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import Asked, reply
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.identity.api_keys import ApiKey, KeyKind, new_key, read_key
from cchc_shared.storage.idempotency import Reply, once
from notify.keys import repository
from notify.keys.domain import Refusal, StoredKey, expiry, how_many_hold, overlap_end, refusal
from notify.keys.problems import KEY_ENDED, TOO_MANY_KEYS
from notify.keys.rules import KeyRules
from notify.keys.schemas import Exchanged, IssuedKey, KeyIn, KeyList, KeyOut, RotationIn
from notify.keys.tokens import Issuer
from notify.systems import repository as systems
from notify.systems.domain import subject

SHOWN: Final = 100
"""The newest keys of a system; a system that has had more is looked into by other means."""


@dataclass(frozen=True, slots=True)
class Keys:
    """A key is made in one transaction, and is known to nobody but its caller afterwards."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    rules: KeyRules
    issuer: Issuer
    real: Clock
    """By which services check tokens, whatever the hour is that they live in."""

    async def list(self, system: str, caller: Principal) -> KeyList:
        """Keys of a system. Raises a 404 problem, to a system about others too."""
        async with self.reading.connect() as conn:
            if not (caller.has(Role.OPERATOR) or caller.sub == subject(system)):
                raise _no_system()
            await _check_system(conn, system)
            found = await repository.of_system(conn, system, SHOWN)
        return KeyList(items=[KeyOut.model_validate(each) for each in found])

    async def create(self, system: str, given: KeyIn, asked: Asked) -> Reply:
        """Another key. Raises `RuleBroken`, and 404 and 409 problems."""

        async def work(conn: AsyncConnection) -> ApiKey:
            await repository.lock(conn, system)
            await _check_system(conn, system)
            return await self._add(conn, system, given.kind, given.days, asked.caller)

        return await self._shown_once(system, asked, work)

    async def rotate(self, system: str, id_: str, given: RotationIn, asked: Asked) -> Reply:
        """A key in another's place, which ends by itself after an overlap. Raises `RuleBroken`, and 404 and 409."""

        async def work(conn: AsyncConnection) -> ApiKey:
            await repository.lock(conn, system)
            before, now = await _find(conn, system, id_), self.clock.now()
            if not before.holds(now):
                raise Problem(KEY_ENDED)
            made = await self._add(conn, system, before.kind, given.days, asked.caller)
            await repository.end(conn, id_, overlap_end(before, now, given.overlap_hours, self.rules))
            return made

        return await self._shown_once(system, asked, work)

    async def revoke(self, system: str, id_: str, asked: Asked) -> Reply:
        """The key opens nothing any more; one that was revoked before stays so. Raises a 404 problem."""

        async def work(conn: AsyncConnection) -> Reply:
            await _find(conn, system, id_)
            await repository.revoke(conn, id_, asked.caller.sub, self.clock.now())
            return reply(200, KeyOut.model_validate(await _find(conn, system, id_)))

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def exchange(self, text: str) -> Exchanged:
        """The token that stands for a key now, or why there is none. The token holds what the system may do now."""
        sent = read_key(text)
        if sent is None:
            return Exchanged(refused=Refusal.UNKNOWN)
        async with self.engine.begin() as conn:
            kept = await repository.get(conn, sent.id)
            system = None if kept is None else await systems.get(conn, kept.system)
            if kept is None or system is None or not hmac.compare_digest(kept.digest, sent.digest):
                return Exchanged(refused=Refusal.UNKNOWN)
            now = self.clock.now()
            refused = refusal(kept, now, suspended=system.suspended)
            if refused is not None:
                return Exchanged(refused=refused)
            await repository.used(conn, kept.id, now)
        return Exchanged(token=self.issuer.token(system, kept.kind, kept.id, self.real.now()))

    async def _add(self, conn: AsyncConnection, system: str, kind: KeyKind, days: int, caller: Principal) -> ApiKey:
        now = self.clock.now()
        ends = expiry(now, days, self.rules)
        if how_many_hold(await repository.of_system(conn, system, SHOWN), now) >= self.rules.keys_at_once.value:
            raise Problem(TOO_MANY_KEYS, extra={"most": self.rules.keys_at_once.value})
        made = new_key(kind)
        await repository.add(conn, _stored(made, system, caller, now, ends))
        return made

    async def _shown_once(
        self, system: str, asked: Asked, work: Callable[[AsyncConnection], Awaitable[ApiKey]]
    ) -> Reply:
        """What is kept under the idempotency key lacks the key that was made: whoever lost the answer makes another."""
        made: list[ApiKey] = []

        async def kept(conn: AsyncConnection) -> Reply:
            made.append(await work(conn))
            return reply(201, _issued(await _find(conn, system, made[0].id), None))

        answer = await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=kept)
        if not made:
            return answer
        shown = IssuedKey.model_validate_json(answer.body).model_copy(update={"key": made[0].text})
        return reply(answer.status, shown, {"Cache-Control": "no-store"})


def _no_system() -> Problem:
    return not_found("hệ thống kết nối này", "this connected system")


async def _check_system(conn: AsyncConnection, code: str) -> None:
    if await systems.get(conn, code) is None:
        raise _no_system()


async def _find(conn: AsyncConnection, system: str, id_: str) -> StoredKey:
    found = await repository.get(conn, id_)
    if found is None or found.system != system:
        raise not_found("khóa này", "this key")
    return found


def _stored(made: ApiKey, system: str, caller: Principal, now: datetime, ends: datetime) -> StoredKey:
    return StoredKey(
        id=made.id,
        system=system,
        kind=made.kind,
        digest=made.digest,
        created_at=now,
        created_by=caller.sub,
        expires_at=ends,
    )


def _issued(key: StoredKey, text: str | None) -> IssuedKey:
    return IssuedKey(**KeyOut.model_validate(key).model_dump(), key=text)
