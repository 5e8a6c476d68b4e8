"""Faults strike a system under load, in an order of chance; then it comes to rest, and is checked.

Sudden faults follow each other in one lane; faults that last do so in another beside it, so that a process ends while
another stands still or is cut off.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import pairwise
from operator import itemgetter
from typing import Any

from tests.chaos.adding_up import ScoreReader
from tests.chaos.bookkeeping import Bookkeeping
from tests.chaos.checker import Checker, Stored
from tests.chaos.clients import Clients
from tests.chaos.faults import SKEW, Fault, arsenal, back
from tests.chaos.history import Anomaly, Finding, Operation, Read
from tests.chaos.load import Load
from tests.chaos.stage import Stage
from tests.chaos.targets import Target, targets
from tests.chaos.work import Work
from tests.support import waiting

CROWD = (8, 3)
"""How many send reports, and how many assign tasks."""
IDLE_STRIKES = 3
"""How often a sudden fault is tried until it meets its target at work."""


@dataclass(frozen=True)
class Strike:
    """A fault as it was: what its target had at work then, and how long it took until all was well again.

    `at_work` 0: it met an idle process, and proves nothing.
    """

    kind: str
    mode: str
    target: str
    at_work: int
    began: float
    seconds: float


@dataclass
class Outcome:
    """What a run did and what it left behind."""

    transport: str
    seed: int
    strikes: list[Strike]
    load_seconds: float
    rest_seconds: float
    longest_silence: float
    """Longest time without any acknowledgement, in seconds."""
    answers: dict[str, int]
    counts: dict[str, int]
    findings: list[Finding] = field(default_factory=list)

    @property
    def counted(self) -> list[Strike]:
        """The strikes that hit something at work."""
        return [strike for strike in self.strikes if strike.at_work]

    def as_json(self) -> dict[str, Any]:
        """For the file that `python -m tests.chaos` writes."""
        return asdict(self)


class Nemesis:
    """One system under load on a stage, and all that is done to it. `kinds`: which faults. `say` hears of each."""

    def __init__(
        self,
        stage: Stage,
        kinds: Sequence[str],
        seed: int,
        *,
        say: Callable[[str], object] = lambda _: None,
        crowd: tuple[int, int] = CROWD,
    ) -> None:
        self._stage = stage
        self._system = stage.system
        self._kinds = kinds
        self._seed = seed
        self._say = say
        self._crowd = crowd
        self._books = Bookkeeping(stage.system)
        self._operations: list[Operation] = []
        self._reads: list[Read] = []
        self._chance = random.Random(seed)  # noqa: S311 - a run that can be repeated, no secret
        self._touched: dict[str, asyncio.Lock] = {}

    @property
    def targets(self) -> list[Target]:
        """Everything that may be struck."""
        return targets(self._system, self._stage.seconds, self._stage.broker)

    async def run(self, *, kills: int, seconds: float, longest: float = 6.0, least: int = 0) -> Outcome:
        """So many sudden faults over at least so many seconds of load; without sudden kinds, so many lasting ones.

        The load goes on until `least` operations are acknowledged, however slow the machine.

        Beside the sudden ones come one lasting fault of each kind or more, of up to `longest` seconds. Begins when the
        units are known everywhere.
        """
        await self._rest()
        strikes: list[Strike] = []
        senders, assigners = self._crowd
        async with self._clients() as clients, Work(self._system, clients.in_flight) as work:
            load = Load(self._system, clients, self._seed, name=f"run{self._seed}")
            reader = ScoreReader(self._system, clients, self._seed)
            started = time.monotonic()
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run(senders=senders, assigners=assigners))
                group.create_task(reader.run())
                try:
                    for act, share in enumerate(self._stage.acts(kills)):
                        if act:
                            await self._stage.change_transport()
                        strikes += await self._strike_all(work, share, longest)
                    await asyncio.sleep(max(1.0, started + seconds - time.monotonic()))
                    await waiting.until(lambda: _acknowledged(clients), lambda told: told >= least)
                finally:
                    load.stop()
                    reader.stop()
            load_seconds = time.monotonic() - started
        rest_seconds = await self._rest()
        self._operations, self._reads = clients.operations, clients.reads
        stored, findings = await self.check()
        told = [operation for operation in self._operations if operation.told]
        return Outcome(
            transport=self._stage.transport,
            seed=self._seed,
            strikes=strikes,
            load_seconds=load_seconds,
            rest_seconds=rest_seconds,
            longest_silence=_longest_silence(told),
            answers=dict(sorted(clients.answers.items())),
            counts={
                "acknowledged": len(told),
                "refused to rivals": sum(operation.refused for operation in self._operations),
                "left open": sum(not (operation.told or operation.refused) for operation in self._operations),
                "reports": len(stored.reports),
                "tasks": len(stored.tasks),
                "reads": len(self._reads),
                "scores added up": reader.judged,
                "scores that moved": reader.moved,
            },
            findings=[
                *findings,
                *reader.findings,
                *(Finding(Anomaly.LOST, "refused", "answers", said) for said in clients.refusals),
            ],
        )

    async def check(self) -> tuple[Stored, list[Finding]]:
        """What the system holds now, and what is wrong with it after all that was asked of it."""
        skew = SKEW if "clock" in self._kinds else timedelta()
        async with self._clients() as clients:
            checker = Checker(self._system, clients, skew)
            stored = await checker.stored()
            findings = await checker.findings(stored, self._operations, self._reads)
        return stored, [*findings, *await self._books.findings()]

    @asynccontextmanager
    async def _clients(self) -> AsyncIterator[Clients]:
        clients = Clients(lambda: self._stage.gateways, self._chance)
        try:
            yield clients
        finally:
            await clients.close()

    async def _strike_all(self, work: Work, kills: int, longest: float) -> list[Strike]:
        everyone = self.targets
        self._touched = {target.name: asyncio.Lock() for target in everyone}
        by_kind = arsenal(self._kinds, everyone, work, self._system.tail, self._stage.disk)
        sudden = [fault for found in by_kind.values() for fault in found if fault.sudden]
        lasting = [found for found in by_kind.values() if not found[0].sudden]
        done: list[Strike] = []
        calm = asyncio.Event()
        if not sudden or not kills:
            calm.set()

        async def first_lane() -> None:
            for fault in in_turns([sudden] if sudden else [], kills, self._chance):
                for _ in range(IDLE_STRIKES):
                    await asyncio.sleep(self._chance.uniform(0.2, 1.0))
                    strike = await self._strike(fault, work, 0.0)
                    done.append(strike)
                    if strike.at_work:
                        break
            calm.set()

        async def second_lane() -> None:
            least = len(lasting) if sudden else max(kills, len(lasting))
            for number, fault in enumerate(in_turns(lasting, 10_000, self._chance)):
                if number >= least and calm.is_set():
                    return
                done.append(await self._strike(fault, work, self._chance.uniform(longest / 2, longest)))

        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(first_lane())
            lanes.create_task(second_lane())
        return done

    async def _strike(self, fault: Fault, work: Work, lasting: float) -> Strike:
        touched = sorted({target.name for target in fault.touches})
        for name in touched:
            await self._touched[name].acquire()
        try:
            at_work = await work.wait_for(fault.target)
            began = time.monotonic()
            self._say(f"{fault.kind}: {fault.target.name}, {at_work} at work")
            await fault.inject()
            await asyncio.sleep(lasting)
            await fault.heal()
            seconds = time.monotonic() - began
            self._say(f"{fault.kind} {fault.mode}: {fault.target.name} is well again after {seconds:.1f} s")
        finally:
            for name in touched:
                self._touched[name].release()
        return Strike(fault.kind, fault.mode, fault.target.name, at_work, began, seconds)

    async def _rest(self) -> float:
        """Waits until every part is ready and every event has taken effect everywhere; how long that took."""
        started = time.monotonic()
        for target in self.targets:
            await back(target, self._system.tail)
        try:
            await waiting.until(self._books.behind, lambda behind: not behind)
        except AssertionError as error:
            raise AssertionError(f"events are still on their way: {error}\n{self._system.tail()}") from error
        return time.monotonic() - started


async def _acknowledged(clients: Clients) -> int:
    return sum(bool(operation.told) for operation in clients.operations)


def _longest_silence(told: Sequence[Operation]) -> float:
    known = sorted(operation.acknowledged_at for operation in told if operation.acknowledged_at is not None)
    return max(((after - before).total_seconds() for before, after in pairwise(known)), default=0.0)


def in_turns(decks: Sequence[Sequence[Fault]], many: int, chance: random.Random) -> Iterator[Fault]:
    """Each deck in turn, in an order of chance; of a deck, each fault once before any comes again.

    It is so dealt that each part is struck once before any is struck again.
    """
    left: list[list[Fault]] = [[] for _ in decks]
    order = chance.sample(range(len(decks)), len(decks))
    for number in range(many if decks else 0):
        deck = order[number % len(order)]
        if not left[deck]:
            shuffled = chance.sample(decks[deck], len(decks[deck]))
            dealt: Counter[str] = Counter()
            rounds = []
            for fault in shuffled:
                dealt[fault.target.part] += 1
                rounds.append(dealt[fault.target.part])
            left[deck] = [fault for _, fault in sorted(zip(rounds, shuffled, strict=True), key=itemgetter(0))]
        yield left[deck].pop(0)
