"""One service behind the gateway: its instances, which take turns, and its bounds."""

import asyncio
from collections.abc import Sequence

from cchc_shared.http.problems import FULL
from gateway.upstreams.bounds import Bounds
from gateway.upstreams.connection import Answer, Connection
from gateway.upstreams.faults import Away, Busy, Lost
from gateway.upstreams.instance import Instance
from gateway.upstreams.pace import Pace


class Upstream:
    """Hands out connections to one service. `name` is the service's, `urls` the addresses of its instances."""

    def __init__(self, name: str, urls: Sequence[str], bounds: Bounds) -> None:
        self.name = name
        self.bounds = bounds
        self._instances = [Instance(name, url, bounds, self._note) for url in urls]
        self._turn = 0
        self._pace = Pace(bounds.in_flight * len(self._instances))
        self._at_work = 0
        self._held: dict[str, int] = {}
        """Places by caller."""
        self._takes_work = asyncio.Event()
        self._takes_work.set()
        self._away_since = 0.0

    def enter(self, caller: str, *, pressed: bool = False) -> None:
        """Count one request until it is to `leave`. Raises `Busy` when there is no place for it: there are `in_flight`,
        and fewer once the service has said that its queues are full.

        Nobody may hold more places than are free: a caller alone gets half of them, and there is always one for the
        next. While the gateway is `pressed`, nobody gets a second one. `caller` is empty where callers are not told
        apart; all of them share then.
        """
        if not self._has_place(caller, pressed=pressed):
            raise Busy(self.name)
        self._take(caller)

    def leave(self, caller: str) -> None:
        """Give the place of one request back."""
        self._at_work -= 1
        if not caller:
            return
        held = self._held[caller] - 1
        if held:
            self._held[caller] = held
        else:
            del self._held[caller]

    def heard(self, answer: Answer) -> None:
        """Learn from an answer how many requests the service takes at once."""
        if answer.status == 503 and FULL in answer.headers:
            self._pace.refused(asyncio.get_running_loop().time())
        else:
            self._pace.taken()

    def at_hand(self, caller: str, *, pressed: bool = False) -> tuple[Instance, Connection] | None:
        """A place, and a connection that is open already, of the instance whose turn it is; the place is to `leave`."""
        turn, instance = self._turn, self._next()
        connection = None
        if instance is not None and instance.closed and self._has_place(caller, pressed=pressed):
            connection = instance.at_hand()
        if instance is None or connection is None:
            self._turn = turn  # it is the same one's turn to make a connection
            return None
        self._take(caller)
        return instance, connection

    async def connection(self) -> tuple[Instance, Connection]:
        """A connection that can be written to, and whom to give it back to.

        The instances that take work have it in turn; when none does, a restart is waited out. One that does not answer
        is not waited for. Raises `Away`; nothing has been sent then.
        """
        while True:
            instance = self._next()
            if instance is None:
                if any(instance.takes_work for instance in self._instances):
                    raise Away(self.name, seconds=self._opens_in())
                await self._until_back()
                continue
            try:
                return instance, await instance.connection()
            except OSError:  # TimeoutError is one
                instance.suspect()

    async def takes_work(self) -> bool:
        """Whether an instance listens and is not draining; other troubles it reports itself."""
        return any(await asyncio.gather(*(instance.listens() for instance in self._instances)))

    async def fetch(self, path: str, *, seconds: float, body: bytes = b"") -> bytes:
        """The body of a small answer that the gateway itself needs, waiting out a restart; `body` is posted.

        Raises `OSError` or `UpstreamFault`.
        """
        instance, connection = await self.connection()
        try:
            async with asyncio.timeout(seconds):
                status, said = await instance.ask(connection, path, body)
        finally:
            instance.release(connection)
        if status != 200:
            raise Lost(f"{path}: status {status}", answered=True)
        return said

    async def close(self) -> None:
        """Close every idle connection."""
        for instance in self._instances:
            await instance.close()

    def _has_place(self, caller: str, *, pressed: bool) -> bool:
        free = int(self._pace.places) - self._at_work
        if free <= 0:
            return False
        held = self._held.get(caller, 0)
        return held < free and not (pressed and held)

    def _take(self, caller: str) -> None:
        self._at_work += 1
        if caller:
            self._held[caller] = self._held.get(caller, 0) + 1

    def _next(self) -> Instance | None:
        for _ in self._instances:
            instance = self._instances[self._turn]
            self._turn = (self._turn + 1) % len(self._instances)
            if instance.takes_work and (instance.closed or instance.may_see()):
                return instance
        return None

    def _opens_in(self) -> float:
        return max(1.0, min(instance.waits() for instance in self._instances if instance.takes_work))

    def _note(self) -> None:
        """An instance begins or ceases to take work."""
        if any(instance.takes_work for instance in self._instances):
            self._takes_work.set()
        elif self._takes_work.is_set():
            self._takes_work.clear()
            self._away_since = asyncio.get_running_loop().time()

    async def _until_back(self) -> None:
        patience = self._away_since + self.bounds.restart_seconds - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(patience):
                await self._takes_work.wait()
        except TimeoutError:
            raise Away(self.name) from None
