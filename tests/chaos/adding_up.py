"""Scores that are read during a run: the evidence adds up to the score that was shown."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from tests.chaos import recomputation
from tests.chaos.clients import Clients
from tests.chaos.history import Anomaly, Finding
from tests.chaos.load import SINCE, UNITS
from tests.chaos.recomputation import Json, Score
from tests.support.http import Query
from tests.support.system import System

SET = "CCHC-CITY"
EVERYTHING = "3.1"
"""The criterion whose evidence is all that counts anywhere: duties and hand-overs."""
PAGE = 200
PAUSE = 0.3


def exact(number: object) -> Fraction:
    """A number of the API, as it is written."""
    return Fraction(str(number))


def as_score(item: Json) -> Score:
    """A score as the API shows it, in lists and alone."""
    return Score(
        exact(item["total"]),
        exact(item["max"]),
        None if item["percent"] is None else exact(item["percent"]),
        {
            field["code"]: (None if field["score"] is None else exact(field["score"]), exact(field["max"]))
            for field in item["fields"]
        },
    )


def check_sum(shown: Json, rows: Iterable[Json]) -> list[Finding]:
    """`shown` is a unit's score with its tree, `rows` the evidence of everything, both of one moment."""
    rows = list(rows)
    counted = Counter((row["measure"], row["state"]) for row in rows)
    where = f"score {shown['unit']} {shown['period']}"
    found = [
        Finding(Anomaly.DOUBLED, f"{code} {measure} {opened_at}", where, f"{times} rows of evidence")
        for (code, measure, opened_at), times in Counter(
            (row["code"], row["measure"], row["opened_at"]) for row in rows
        ).items()
        if times > 1
    ]
    expected = recomputation.score(counted)
    if expected != as_score(shown):
        found.append(Finding(Anomaly.DIFFERENT, "total", where, f"{as_score(shown)}; its evidence makes {expected}"))
    for leaf in _leaves(shown["tree"]):
        measures = recomputation.measures_of(leaf["code"])
        for state in ("on_time", "late", "overdue", "pending", "happened"):
            stated = sum(given[state] for given in leaf["inputs"])
            proven = sum(n for (measure, each), n in counted.items() if measure in measures and each == state)
            if stated != proven:
                detail = f"{stated} {state}; its evidence has {proven}"
                found.append(Finding(Anomaly.DIFFERENT, leaf["code"], where, detail))
    return sorted(found)


def _leaves(nodes: Sequence[Json]) -> Iterator[Json]:
    for node in nodes:
        if node["inputs"]:
            yield node
        yield from _leaves(node["children"])


class ScoreReader:
    """An inspector who reads a score, its evidence, and the score again. Where it moved meanwhile nothing is said."""

    def __init__(self, system: System, clients: Clients, seed: int) -> None:
        self._clients = clients
        self._token = system.bearer("score-reader", "inspector")
        self._chance = random.Random(f"{seed} scores")  # noqa: S311 - a run that can be repeated, no secret
        self._stopping = asyncio.Event()
        self.judged = 0
        self.moved = 0
        self.findings: list[Finding] = []

    def stop(self) -> None:
        """Begin no other."""
        self._stopping.set()

    async def run(self) -> None:
        """Runs until `stop`."""
        while not self._stopping.is_set():
            await self._one(self._chance.choice(UNITS), self._chance.choice(_months()))
            await asyncio.sleep(PAUSE)

    async def _one(self, unit: str, month: str) -> None:
        query = {"set": SET, "period": month}
        before = await self._read(f"/v1/scores/{unit}", query)
        rows = await self._evidence(unit, query)
        after = await self._read(f"/v1/scores/{unit}", query)
        if before != after:
            self.moved += 1
            return
        self.judged += 1
        self.findings += check_sum(after, rows)

    async def _evidence(self, unit: str, query: Mapping[str, str]) -> list[Json]:
        rows: list[Json] = []
        more: dict[str, Query] = {"limit": PAGE}
        while True:
            page = await self._read(f"/v1/scores/{unit}/criteria/{EVERYTHING}/evidence", {**query, **more})
            rows += page["items"]
            if page["next_cursor"] is None:
                return rows
            more["cursor"] = page["next_cursor"]

    async def _read(self, path: str, query: Mapping[str, Query]) -> Json:
        return await self._clients.get(path, self._token, **query)


def _months() -> list[str]:
    """Those into which the load's reports fall."""
    now = datetime.now(UTC)
    return [
        f"{year}-{month:02d}"
        for year in range(SINCE.year, now.year + 1)
        for month in range(1, 13)
        if (SINCE.year, SINCE.month) <= (year, month) <= (now.year, now.month)
    ]
