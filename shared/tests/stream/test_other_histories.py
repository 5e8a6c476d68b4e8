"""An event of a version that took effect long ago shows by its age that it belongs to another history."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from cchc_shared.contract.events import encode
from cchc_shared.stream.classification import CLOCKS_SECONDS, GivenUp, Known, classify
from cchc_shared.stream.record import Envelope, Record
from tests.support.events import task_event

NOW = datetime(2024, 5, 6, tzinfo=UTC)
LAST = 1_700_000_000.0

pytestmark = pytest.mark.unit


def made(at: float, number: int = 0) -> UUID:
    """A UUID 7 of that moment."""
    return UUID(int=int(at * 1000) << 80 | 7 << 76 | 2 << 62 | number)


def record(version: int, event: UUID) -> Record:
    sample = task_event("A", version)
    envelope = Envelope(event, "A", NOW, NOW)
    return Record("tasks", 0, (version, 0), "task:A", version, sample.type, encode(sample.data), envelope)


KNOWN = Known(5, None, made(LAST))


def outcome(known: Known, one: Record, given_up: GivenUp = GivenUp()) -> tuple[int, list[str]]:  # noqa: B008
    """Duplicates, and why what parked is parked."""
    found = classify(known, [one], given_up)
    assert found.known == known, "it holds nothing up, and changes nothing"
    assert found.steps == []
    return found.duplicates, [parked.reason for parked in found.parked]


@pytest.mark.parametrize("version", [1, 3, 4])
def test_an_older_version_made_long_after_a_newer_one_is_a_conflict(version: int) -> None:
    other = record(version, made(LAST + CLOCKS_SECONDS + 1))
    assert outcome(KNOWN, other) == (0, ["conflict"])
    [parked] = classify(KNOWN, [other]).parked
    assert f"event {KNOWN.last_id} took effect as version 5, 121 s before" in (parked.error or "")
    assert outcome(KNOWN, other, GivenUp(places=[other.place])) == (1, [])


@pytest.mark.parametrize("at", [LAST - 86_400, LAST, LAST + CLOCKS_SECONDS])
def test_what_was_made_before_or_nearly_so_comes_again(at: float) -> None:
    assert outcome(KNOWN, record(3, made(at, 1))) == (1, [])


def test_ids_that_do_not_say_when_they_were_made_are_not_judged() -> None:
    assert outcome(KNOWN, record(3, uuid4())) == (1, [])
    assert outcome(Known(5, None, uuid4()), record(3, made(LAST + 1000))) == (1, [])
    assert outcome(Known(5, None, None), record(3, made(LAST + 1000))) == (1, [])
