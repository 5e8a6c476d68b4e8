"""A hundred thousand deliveries of five vendors through a whole running system, and how soon a score moves after it.

Shuffled, a tenth sent again, a hundredth wrong; each vendor sends half as day files, half as batches. The day is only
measured if it is right: each wrong line is named and no other, what the sorted day makes of another unit is the same,
and the indicators of Decision 766 equal the plain count.
"""

import http.client
import json
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any, Final

from tests.bench.results import Bound, Figure, Result
from tests.bench.running import Running, ask, running
from tests.bench.stage import Stage
from tests.support.dossier_days import FIRST, MONTH, Life, Line, body, counted, files, lives, sorted_file
from tests.support.http import Json

LIVES: Final = 19_500
"""With five lines each: a little more than a hundred thousand."""
LEAST: Final = 100_000
BATCH: Final = 1_000
SINGLE: Final = 300
PATIENCE: Final = 1_800.0
"""Seconds, for the workers to catch up."""
LEAVES: Final = {
    "TDGQ.1": ("not_late", "received"),
    "TTTT.A": ("paid_online", "fee"),
    "MDSH.1": ("electronic", "finished"),
    "MDSH.2": ("digitised", "received"),
}
"""Criteria of Decision 766, and what their numerator and denominator count."""
WORKERS: Final = ("scoring-worker", "notify-worker")


def measure(stage: Stage) -> Iterator[Result]:
    """One installation in a fresh folder."""
    with running(stage.folder / "dossier-day") as system:
        reader = system.token("coordinator")
        units = system.communes(reader, f"{FIRST:%Y-%m-%d}")
        shuffled, again, watched = units[:40], units[40:80], units[80]
        of = list(lives(random.Random(7), LIVES, shuffled, "90"))  # noqa: S311 - to be the same in every run
        vendors = files(random.Random(8), of)  # noqa: S311
        lines = sum(map(len, vendors))
        if lines < LEAST:
            raise RuntimeError(f"a day of {lines} lines only")
        largest, seconds = _sent(system, vendors)
        caught_up = _caught_up(system)
        _until_counted(system, reader, shuffled, of)
        yield Result(
            "a day of dossiers from five vendors, shuffled, repeated and partly wrong",
            [
                Figure("lines", lines, ""),
                Figure("taken", lines / seconds, "/s"),
                *[Figure(f"{worker} whole after it", caught_up[worker], " s") for worker in WORKERS],
                Figure("dossiers-api at most", largest, " MB"),
            ],
        )
        moved = dict(zip(shuffled, again, strict=True))
        others = [_moved(life, moved) for life in of]
        _upload(system, system.token("system"), sorted_file(others))
        _until_counted(system, reader, again, others)
        _compare(system, reader, moved)
        delays = _delays(system, reader, watched)
        yield Result(
            "dossier sent → score seen, while nothing else is sent",
            [
                Figure("p50", statistics.median(delays), " ms"),
                Figure("p99", statistics.quantiles(delays, n=100)[98], " ms"),
                Figure("dossiers watched", len(delays), ""),
            ],
            statistics.quantiles(delays, n=100)[98],
            Bound("<", 250, " ms"),
        )


def _moved(life: Life, to: dict[str, str]) -> Life:
    """The same life of another dossier, in another unit."""
    said = [
        each | {"dossier": each["dossier"].replace("H26.90", "H26.91"), "unit": to[each["unit"]]}
        for each in life.deliveries
    ]
    return Life(said, life.counts)


def _sent(system: Running, vendors: Sequence[list[Line]]) -> tuple[float, float]:
    """Megabytes that dossiers-api took at most, and seconds until all was answered."""
    token, began = system.token("system"), time.perf_counter()
    with ThreadPoolExecutor(len(vendors)) as senders:
        sending = [senders.submit(_send, system, token, lines) for lines in vendors]
        largest = 0.0
        while not all(each.done() for each in sending):
            largest = max(largest, _memory(system, "dossiers-api"))
            time.sleep(0.2)
        for each in sending:
            each.result()
    return largest, time.perf_counter() - began


def _send(system: Running, token: str, lines: list[Line]) -> None:
    half = len(lines) // 2
    _upload(system, token, lines[:half])
    with closing(_connected(system)) as connection:
        for start in range(half, len(lines), BATCH):
            _post(connection, token, lines[start : start + BATCH])


def _upload(system: Running, token: str, lines: list[Line]) -> None:
    """Send a day's file, or several. Raises `RuntimeError` unless exactly the wrong lines are refused, by their
    fields."""
    for start in range(0, len(lines), LEAST):
        part = lines[start : start + LEAST]
        with closing(_connected(system)) as connection:
            headers = {"Authorization": token, "Content-Type": "application/x-ndjson"}
            connection.request("POST", "/v1/dossiers/days", body(part), headers)
            said = [json.loads(line) for line in connection.getresponse().read().splitlines()]
        refused = {each["line"] - 1: each["problem"]["errors"][0]["field"] for each in said if "problem" in each}
        if refused != _wrong(part) or not said[-1]["done"]:
            raise RuntimeError("a day's file was not answered line by line")


def _post(connection: http.client.HTTPConnection, token: str, lines: Sequence[Line]) -> None:
    content = f'{{"items": [{",".join(line.text for line in lines)}]}}'
    results = ask(connection, "POST", "/v1/dossiers/events", token, content)["results"]
    refused = {
        each["index"]: each["problem"]["errors"][0]["field"].rpartition(".")[2]
        for each in results
        if each["status"] == "rejected"
    }
    if refused != _wrong(lines):
        raise RuntimeError("a batch was not answered item by item")


def _wrong(lines: Sequence[Line]) -> dict[int, str]:
    return {number: line.wrong for number, line in enumerate(lines) if line.wrong is not None}


def _caught_up(system: Running) -> dict[str, float]:
    """Seconds until each worker had taken all that was sent, as the operator's page says it every few seconds."""
    began, found = time.perf_counter(), dict[str, float]()

    def look() -> bool:
        for worker, waiting in system.backlogs().items():
            if waiting:
                found.pop(worker, None)
            else:
                found.setdefault(worker, time.perf_counter() - began)
        return found.keys() >= set(WORKERS)

    _until(look)
    return found


def _until_counted(system: Running, reader: str, units: Sequence[str], of: Sequence[Life]) -> None:
    """Return when the four indicators of each unit equal the plain count."""
    with closing(_connected(system)) as connection:
        for unit in units:
            expected = counted(of, unit)
            _until(lambda unit=unit, expected=expected: _as_expected(connection, reader, unit, expected))  # type: ignore[misc]


def _as_expected(connection: http.client.HTTPConnection, reader: str, unit: str, expected: Counter[str]) -> bool:
    found = _inputs(connection, reader, unit)
    return all(
        found.get(criterion) == (expected[numerator], expected[denominator])
        for criterion, (numerator, denominator) in LEAVES.items()
    )


def _inputs(connection: http.client.HTTPConnection, reader: str, unit: str) -> dict[str, tuple[int, int]]:
    """Numerator and denominator of each criterion of the live score."""
    target = f"/v1/scores/{unit}?set=QD766&period={MONTH}"
    left: list[Json] = list(ask(connection, "GET", target, reader, missing={"tree": []})["tree"])
    found: dict[str, tuple[int, int]] = {}
    while left:
        node = left.pop()
        left += node["children"]
        for given in node.get("inputs", ()):
            found[node["code"]] = (int(given["numerator"] or 0), int(given["denominator"] or 0))
    return found


def _compare(system: Running, reader: str, moved: dict[str, str]) -> None:
    """Raise `RuntimeError` unless a unit's dossiers are what those of the sorted day's unit are."""
    with closing(_connected(system)) as connection:
        for unit, other in moved.items():
            if _states(connection, reader, unit) != _states(connection, reader, other):
                raise RuntimeError(f"the shuffled day of {unit} is not the sorted day of {other}")


def _states(connection: http.client.HTTPConnection, reader: str, unit: str) -> dict[str, Any]:
    """Dossiers by the end of their codes, without what tells the two days apart."""
    found: dict[str, Any] = {}
    cursor = ""
    while True:
        page = ask(connection, "GET", f"/v1/dossiers?unit={unit}&limit=200{cursor}", reader)
        for each in page["items"]:
            found[each["code"].partition("-")[2]] = each | {"code": "", "unit": "", "version": 0}
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _delays(system: Running, reader: str, unit: str) -> list[float]:
    """Milliseconds from sending one dossier until an answer of the score counts it, both through the gateway."""
    token, delays = system.token("system"), list[float]()
    with closing(_connected(system)) as connection:
        for number in range(SINGLE):
            received = FIRST + timedelta(minutes=number)
            said = {
                "dossier": f"H26.92-{received:%y%m%d}-{number:06}",
                "status": "received",
                "at": received.isoformat(),
                "procedure": "1.001234",
                "unit": unit,
                "channel": "online",
                "received_at": received.isoformat(),
                "appointment_at": (received + timedelta(days=40)).isoformat(),
            }
            began = time.perf_counter()
            _post(connection, token, [Line(json.dumps(said))])
            _until(lambda wanted=number + 1: _inputs(connection, reader, unit)["TDGQ.1"][1] == wanted, 0.003)  # type: ignore[misc]
            delays.append((time.perf_counter() - began) * 1000)
    return delays


def _until(holds: Callable[[], bool], pause: float = 0.2) -> None:
    deadline = time.perf_counter() + PATIENCE
    while not holds():
        if time.perf_counter() > deadline:
            raise RuntimeError(f"not within {PATIENCE:g} s")
        time.sleep(pause)


def _memory(system: Running, part: str) -> float:
    return float(sum(process.memory_info().rss for process in system.parts()[part])) / 1e6


def _connected(system: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", system.port, timeout=600)
