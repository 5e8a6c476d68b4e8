"""A day of dossiers from five vendors, shuffled, repeated and partly wrong, comes to what the sorted day comes to."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

from tests.end_to_end.conftest import Scores
from tests.support.dossier_days import MONTH, Life, Line, body, counted, files, lives, sorted_file
from tests.support.http import Client, Clients, Json

UNITS = ("so-du-lich", "so-y-te")
"""Of the shuffled day. No other test sends dossiers of them, nor of those of the sorted one."""
OTHERS = {"so-du-lich": "so-cong-thuong", "so-y-te": "so-giao-duc-va-dao-tao"}
LIVES = 400
LEAVES = {
    "TDGQ.1": ("not_late", "received"),
    "TTTT.A": ("paid_online", "fee"),
    "MDSH.1": ("electronic", "finished"),
    "MDSH.2": ("digitised", "received"),
}
"""Criteria of Decision 766, and what their numerator and denominator count."""


def upload(system: Client, lines: list[Line]) -> list[Json]:
    """The lines of the answer; every wrong line of the file is named by its number and its field, and no other."""
    headers = {"Content-Type": "application/x-ndjson"}
    answer = system.send("POST", "/v1/dossiers/days", content=body(lines), headers=headers)
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


def _counts_as_plainly(desk: Client, unit: str, of: list[Life]) -> None:
    expected = counted(of, unit)
    scores = Scores(desk, unit, MONTH, index_set="QD766")
    for criterion, (numerator, denominator) in LEAVES.items():
        scores.until(criterion, numerator=expected[numerator], denominator=expected[denominator])
