"""A day of dossiers from five vendors, shuffled, repeated and partly wrong, comes to what the sorted day comes to."""

import json
import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx

from dossiers_api.intake.schemas import MOST_AT_ONCE
from tests.end_to_end.conftest import Scores
from tests.support.dossier_days import MONTH, Life, Line, body, counted, files, lives, sorted_file
from tests.support.http import Client, Clients, Json
from tests.support.system import System
from tests.support.waiting import until_now

UNITS = ("so-du-lich", "so-y-te")
"""Of the shuffled day. No other test sends dossiers of them, nor of those of the sorted one."""
OTHERS = {"so-du-lich": "so-cong-thuong", "so-y-te": "so-giao-duc-va-dao-tao"}
LIVES = 400
NDJSON = {"Content-Type": "application/x-ndjson"}
LEAVES = {
    "TDGQ.1": ("not_late", "received"),
    "TTTT.A": ("paid_online", "fee"),
    "MDSH.1": ("electronic", "finished"),
    "MDSH.2": ("digitised", "received"),
}
"""Criteria of Decision 766, and what their numerator and denominator count."""


def upload(system: Client, lines: list[Line]) -> list[Json]:
    """The lines of the answer; every wrong line of the file is named by its number and its field, and no other."""
    answer = system.send("POST", "/v1/dossiers/days", content=body(lines), headers=NDJSON)
    assert answer.status_code == 200, answer.text
    said = [json.loads(line) for line in answer.text.splitlines()]
    refused = {each["line"]: each["problem"]["errors"][0]["field"] for each in said if "problem" in each}
    assert refused == {number: line.wrong for number, line in enumerate(lines, 1) if line.wrong is not None}
    assert said[-1]["done"]
    return said


def states(desk: Client, unit: str) -> dict[str, Json]:
    """Dossiers of a unit by the end of their codes, without what tells the two days apart."""
    found = desk.pages("/v1/dossiers", unit=unit, limit=200)
    return {each["code"].partition("-")[2]: each | {"code": "", "unit": "", "version": 0} for each in found}


def test_a_shuffled_day_comes_to_what_the_sorted_day_comes_to(callers: Clients, desk: Client) -> None:
    shuffled = list(lives(random.Random(7), LIVES, UNITS, "90"))  # noqa: S311 - to be the same in every run
    again = list(lives(random.Random(7), LIVES, [OTHERS[unit] for unit in UNITS], "91"))  # noqa: S311
    vendors = files(random.Random(8), shuffled)  # noqa: S311
    with ThreadPoolExecutor(len(vendors)) as senders:
        list(
            senders.map(upload, [callers.as_(f"vendor-{number}", "system") for number in range(len(vendors))], vendors)
        )
    upload(callers.as_system(), sorted_file(again))
    for unit, other in OTHERS.items():
        first, second = states(desk, unit), states(desk, other)
        assert len(first) == counted(shuffled, unit)["received"]
        assert first == second
        _counts_as_plainly(desk, unit, shuffled)
        _counts_as_plainly(desk, other, again)


def test_a_file_is_sent_again_after_the_service_was_killed_in_it(
    system: System, callers: Clients, desk: Client
) -> None:
    unit = "so-tai-chinh"
    of = list(lives(random.Random(9), 4 * LIVES, [unit], "92"))  # noqa: S311 - to be the same in every run
    lines, sender, said = sorted_file(of), callers.as_system(), list[Json]()
    sending = sender.http.stream("POST", "/v1/dossiers/days", content=body(lines), headers=NDJSON)
    with suppress(httpx.HTTPError), sending as answer:
        for line in answer.iter_lines():
            said.append(json.loads(line))
            if len(said) == 2:
                os.kill(process_of(system), signal.SIGKILL)
    assert not said[-1]["done"]
    until_now(lambda: system.health("dossiers-api"), lambda health: health[0])
    last = upload(sender, lines)[-1]
    assert last["duplicate"] >= said[-1]["accepted"]
    assert last["duplicate"] % MOST_AT_ONCE == 0  # of a transaction all is taken, or nothing
    assert last["duplicate"] + last["accepted"] == len(lines)
    assert len(states(desk, unit)) == len(of)
    _counts_as_plainly(desk, unit, of)


def process_of(system: System) -> int:
    found = system.pid("dossiers-api")
    assert found is not None
    return found


def _counts_as_plainly(desk: Client, unit: str, of: list[Life]) -> None:
    expected = counted(of, unit)
    scores = Scores(desk, unit, MONTH, index_set="QD766")
    for criterion, (numerator, denominator) in LEAVES.items():
        scores.until(criterion, numerator=expected[numerator], denominator=expected[denominator])
