"""Wordings of documents, and invented ones of the same kinds, with what they say."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from tasks_api.deadlines.domain import Rhythm
from tasks_api.deadlines.reader import DeadlineReader


def cases() -> Iterator[tuple[str, date, str, str]]:
    """Wording, day of issue, what is expected, and the rhythm."""
    for name in ("wordings.csv", "wordings_invented.csv"):
        with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["wording"], date.fromisoformat(row["document_date"]), row["expected"], row["rhythm"]


def described(rhythm: Rhythm) -> str:
    """As the tables write it: "monthly day=19"."""
    said = msgspec.structs.asdict(rhythm)
    every = said.pop("every")
    return " ".join([every, *(f"{name}={value}" for name, value in said.items() if value is not None)])


@pytest.mark.parametrize(("wording", "issued_on", "expected", "rhythm"), list(cases()))
def test_a_wording_says_what_it_says(
    reader: DeadlineReader, wording: str, issued_on: date, expected: str, rhythm: str
) -> None:
    found = reader.read(wording, issued_on)
    said, _, warning = expected.partition(" with warning")
    if said[0].isdigit():
        assert (found.reading, found.due_on) == ("dated", date.fromisoformat(said)), found.doubts
        assert bool(found.doubts) == bool(warning), found.doubts
        assert ("nhiều mốc" in warning) == bool(found.milestones)
    else:
        assert (found.reading, found.due_on) == (said.partition(":")[0], None), found.doubts
        assert found.doubts or found.reading == "recurring"
    assert "; ".join(map(described, found.rhythm)) == rhythm
