"""Clients that keep sending until they are answered, and write down what they were told."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

import httpx

from tests.chaos.history import Operation
from tests.support.http import Json, Query

PATIENCE = 60.0
"""Seconds after which a client gives up on one request."""
GIVES_UP = 0.1
"""Share of clients that do not ask again after an answer that leaves the outcome open."""


class Reply(NamedTuple):
    """What an operation came to: its last answer, or None when the client gave up."""

    response: httpx.Response | None
    told: tuple[tuple[str, int], ...]

    @property
    def version(self) -> int:
        """The version that was acknowledged last."""
        return self.told[-1][1]


class Clients:
    """Everything that was sent over one connection pool, as operations of the history."""

    def __init__(self, url: str, chance: random.Random) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32)
        self._http = httpx.AsyncClient(base_url=url, timeout=20, limits=limits)
        self._chance = chance
        self.operations: list[Operation] = []
        self.answers: Counter[str] = Counter()
        """How often each status, or kind of broken connection, was met."""
        self.refusals: list[str] = []
        """Answers that say no to what was right to ask for."""

    async def close(self) -> None:
        await self._http.aclose()

    async def create(self, id_: str, action: str, path: str, token: Mapping[str, str], body: object) -> Reply:
        """POST something new under the key `id_`, which is its reference too; sometimes twice at once."""
        headers = {**token, "Idempotency-Key": id_}
        senders = 2 if self._chance.random() < 0.1 else 1
        started_at = datetime.now(UTC)
        replies = await asyncio.gather(*(self._until_answered(path, headers, body) for _ in range(senders)))
        answered = [reply for reply in replies if reply is not None and reply.is_success]
        told = tuple((reply.json()["code"], _version(reply)) for reply in answered)
        operation = Operation(id=id_, action=action, started_at=started_at, ref=id_, told=told)
        return self._written(operation, answered[-1] if answered else None)

    async def act(self, code: str, version: int, act: "Act") -> Reply:
        """Take an action on the version that was seen last."""
        name = f"{code} v{version + 1} {act.action}"
        headers = {**act.token, "If-Match": f'"{version}"'}
        if act.keyed:
            headers["Idempotency-Key"] = name
        path = f"{act.collection}/{code}/actions/{act.action}"
        started_at = datetime.now(UTC)
        reply = await self._until_answered(path, headers, act.body)
        told: tuple[tuple[str, int], ...] = ()
        if reply is not None and reply.status_code == 412:
            # It was done by the first sending, whose answer was lost: what was read once must not be lost either.
            reply = await self._until_answered(f"{act.collection}/{code}", act.token, None, method="GET")
        if reply is not None and reply.is_success:
            told = ((code, _version(reply)),)
        operation = Operation(id=name, action=act.action, started_at=started_at, code=code, based_on=version, told=told)
        return self._written(operation, reply)

    async def get(self, path: str, token: Mapping[str, str], **query: Query) -> Json:
        """The JSON of a page, however often it must be asked for."""
        reply = await self._until_answered(path, token, None, method="GET", query=query, patient=True)
        assert reply is not None, f"no answer from {path} {query}: {dict(self.answers)}"
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return dict(reply.json())

    def _written(self, operation: Operation, response: httpx.Response | None) -> Reply:
        if operation.told:
            operation = replace(operation, acknowledged_at=datetime.now(UTC))
        self.operations.append(operation)
        return Reply(response, operation.told)

    async def _until_answered(
        self,
        path: str,
        headers: Mapping[str, str],
        body: object,
        *,
        method: str = "POST",
        query: Mapping[str, Query] | None = None,
        patient: bool = False,
    ) -> httpx.Response | None:
        """The first answer that settles the matter; None when the client gave up before."""
        loop = asyncio.get_running_loop()
        end, pause, open_before = loop.time() + PATIENCE, 0.05, False
        while loop.time() < end:
            try:
                reply = await self._http.request(method, path, headers=dict(headers), json=body, params=query)
            except httpx.TransportError as error:
                self.answers[type(error).__name__] += 1
                open_before = True
            else:
                self.answers[str(reply.status_code)] += 1
                if reply.is_success or (reply.status_code == 412 and open_before):
                    return reply
                if reply.status_code <= 500 and reply.status_code != 429:  # 500 is nobody's answer to a killed process
                    self.refusals.append(f"{method} {path}: {reply.status_code} {reply.text}")
                    return reply
                open_before = open_before or reply.status_code > 500
            if open_before and not patient and self._chance.random() < GIVES_UP:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        return None


class Act(NamedTuple):
    """An action as clients take it, by the name that the history calls it too, and as whom.

    `keyed` where the service knows the action by an `Idempotency-Key`; without one the version keeps it from happening
    twice.
    """

    collection: str
    action: str
    token: Mapping[str, str]
    body: object = None
    keyed: bool = False


def _version(reply: httpx.Response) -> int:
    return int(reply.headers["ETag"].strip('"'))
