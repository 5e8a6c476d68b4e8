"""Clients that keep sending until they are answered, and write down what they were told."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypedDict, Unpack

import httpx

from tests.chaos.history import Operation, Read
from tests.support.http import Json, Query

PATIENCE = 60.0
"""Seconds after which a client gives up on one request."""
GIVES_UP = 0.1
"""Share of clients that do not ask again after an answer that leaves the outcome open."""


class Given(TypedDict):
    """What a request has beside its path."""

    headers: dict[str, str]
    json: Mapping[str, object] | None
    params: Mapping[str, Query] | None


class Reply(NamedTuple):
    """What an operation came to: its last answer, or None when the client gave up."""

    response: httpx.Response | None
    told: tuple[tuple[str, int], ...]

    @property
    def version(self) -> int:
        """The version that was acknowledged last."""
        return self.told[-1][1]


@dataclass(frozen=True)
class Act:
    """An action as clients take it, by the name that the history calls it too, by whom and with what.

    `keyed` where the service knows the action by an `Idempotency-Key`; without one the version keeps it from happening
    twice.
    """

    collection: str
    action: str
    by: str
    token: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    keyed: bool = False


class Clients:
    """Everything that was sent through any of the `gateways`, as operations and reads of the history.

    Each sending goes through one of them by chance, so one operation may reach several processes; it waits `seconds`.
    `through` is what carries requests there, if it is not plain connections.
    """

    def __init__(
        self,
        gateways: Callable[[], Sequence[str]],
        chance: random.Random,
        *,
        seconds: float = 20,
        through: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        limits = httpx.Limits(max_connections=128, max_keepalive_connections=64)
        self._http = httpx.AsyncClient(timeout=seconds, limits=limits, transport=through)
        self._gateways = gateways
        self._chance = chance
        self.operations: list[Operation] = []
        self.reads: list[Read] = []
        self.answers: Counter[str] = Counter()
        """How often each status, or kind of broken connection, was met."""
        self.faults: Counter[str] = Counter()
        """How often each problem of a service was met, by its status, its code and its service."""
        self.refusals: list[str] = []
        """Answers that say no to what was right to ask for."""
        self.in_flight: Counter[tuple[int, str]] = Counter()
        """Requests that wait for their answer, by the number of the gateway and the collection they are about."""

    async def close(self) -> None:
        await self._http.aclose()

    async def create(self, id_: str, action: str, path: str, act: Act, shown: Mapping[str, object]) -> Reply:
        """POST something new under the key `id_`, which is its reference too; sometimes twice at once.

        `shown` is what was sent, as it is to be shown.
        """
        headers = {**act.token, "Idempotency-Key": id_}
        senders = 2 if self._chance.random() < 0.1 else 1
        started_at = datetime.now(UTC)
        replies = await asyncio.gather(*(self._until_answered(path, headers, act.body) for _ in range(senders)))
        answered = [reply for reply in replies if reply is not None and reply.is_success]
        told = tuple((reply.json()["code"], _version(reply)) for reply in answered)
        operation = Operation(id=id_, action=action, started_at=started_at, ref=id_, content=shown, told=told)
        return self._written(operation, answered[-1] if answered else None)

    async def act(self, code: str, version: int, act: Act, *, rivals: bool = False) -> Reply:
        """Take an action on the version that was seen last; only among `rivals` may it have been taken by others."""
        name = f"{code} v{version + 1} {act.action} {act.by}"
        headers = {**act.token, "If-Match": f'"{version}"'}
        if act.keyed:
            headers["Idempotency-Key"] = name
        path = f"{act.collection}/{code}/actions/{act.action}"
        operation = Operation(
            id=name,
            action=act.action,
            started_at=datetime.now(UTC),
            code=code,
            based_on=version,
            by=act.by,
            content=act.body,
        )
        reply = await self._until_answered(path, headers, act.body or None)
        if reply is not None and reply.is_success:
            operation = replace(operation, told=((code, _version(reply)),))
        elif reply is not None and reply.status_code == 412:
            operation = await self._whose(operation, act, reply, rivals=rivals)
        return self._written(operation, reply)

    async def contend(self, code: str, version: int, acts: Sequence[Act]) -> Reply:
        """Several act on the same version at once; what the one was told who came first, if anyone knows that."""
        replies = await asyncio.gather(*(self.act(code, version, act, rivals=True) for act in acts))
        return next((reply for reply in replies if reply.told), replies[0])

    async def read(self, client: str, act: Act, code: str, known: int) -> None:
        """Read an item as who takes `act` on it, of which the client `client` knows the version `known`."""
        reply = await self._until_answered(f"{act.collection}/{code}", act.token, None, method="GET")
        if reply is not None and reply.is_success:
            shown = reply.json()
            self.reads.append(
                Read(client=client, code=code, known=known, version=_version(reply), status=shown["status"])
            )
        elif reply is not None and reply.status_code == 404:
            self.reads.append(Read(client=client, code=code, known=known, version=None, status=None))

    async def get(self, path: str, token: Mapping[str, str], **query: Query) -> Json:
        """The JSON of a page, however often it must be asked for."""
        reply = await self._until_answered(path, token, None, method="GET", query=query, patient=True)
        assert reply is not None, f"no answer from {path} {query}: {dict(self.answers)}"
        assert reply.is_success, f"{path}: {reply.status_code} {reply.text}"
        return dict(reply.json())

    async def _whose(self, operation: Operation, act: Act, reply: httpx.Response, *, rivals: bool) -> Operation:
        """What a 412 means: the history knows whether the first sending did it, whose answer was lost, or another."""
        path = f"{act.collection}/{operation.code}/history"
        known = await self._until_answered(path, act.token, None, method="GET")
        if known is None or not known.is_success or operation.code is None or operation.based_on is None:
            return operation
        version = operation.based_on + 1
        lines = [line for line in known.json()["items"] if line["version"] == version]
        if any((line["action"], line.get("actor")) == (act.action, act.by) for line in lines):
            return replace(operation, told=((operation.code, version),))
        if not rivals:
            self.refusals.append(f"{operation.id}: {reply.status_code} {reply.text}")
        return replace(operation, refused=True)

    def _written(self, operation: Operation, response: httpx.Response | None) -> Reply:
        if operation.told:
            operation = replace(operation, acknowledged_at=datetime.now(UTC))
        self.operations.append(operation)
        return Reply(response, operation.told)

    async def _until_answered(
        self,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, object] | None,
        *,
        method: str = "POST",
        query: Mapping[str, Query] | None = None,
        patient: bool = False,
    ) -> httpx.Response | None:
        """The first answer that decides the outcome; None when the client gave up before."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + PATIENCE, 0.05
        while loop.time() < end:
            reply = await self._once(method, path, headers=dict(headers), json=body, params=query)
            if reply is not None:
                if reply.is_success or reply.status_code == 412:
                    return reply
                if reply.status_code <= 500 and reply.status_code != 429:  # 500 is nobody's answer to a killed process
                    self.refusals.append(f"{method} {path}: {reply.status_code} {reply.text}")
                    return reply
            open_ = reply is None or reply.status_code > 500
            if open_ and not patient and self._chance.random() < GIVES_UP:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        return None

    async def _once(self, method: str, path: str, **given: Unpack[Given]) -> httpx.Response | None:
        """One answer through one gateway; None when the connection broke."""
        gateways = self._gateways()
        number = self._chance.randrange(len(gateways))
        at = number, path.split("/")[2]
        self.in_flight[at] += 1
        try:
            reply = await self._http.request(method, f"{gateways[number]}{path}", **given)
        except httpx.TransportError as error:
            self.answers[type(error).__name__] += 1
            return None
        finally:
            self.in_flight[at] -= 1
        self.answers[str(reply.status_code)] += 1
        if reply.is_server_error:
            self.faults[_fault(method, path, reply)] += 1
        return reply


def _fault(method: str, path: str, reply: httpx.Response) -> str:
    said = reply.json() if "json" in reply.headers.get("content-type", "") else {}
    return f"{method} {path.split('/')[2]}: {reply.status_code} {said.get('code')} {said.get('service', '')}"


def _version(reply: httpx.Response) -> int:
    return int(reply.headers["ETag"].strip('"'))
