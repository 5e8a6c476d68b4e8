"""Rivals and readers: each version has one winner, and nobody is shown less than they were told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.anomalies import check, check_reads
from tests.chaos.history import Anomaly, Operation, Read
from tests.chaos.stories import acknowledged, item, story, unknown

CLEAN = story(3, 1, 6)


def rival(winner: Operation, name: str) -> Operation:
    """Who wanted to do the same as the winner, and was refused."""
    return replace(unknown(winner), id=f"{winner.id} {name}", by=name, content={"words": name}, refused=True)


def test_rivals_who_were_refused_leave_nothing_behind() -> None:
    rivals = [rival(acknowledged(2, 4), name) for name in ("second", "third")]
    assert check([*CLEAN.operations, *rivals], CLEAN.items) == []


def test_two_winners_of_one_version_are_found() -> None:
    second = replace(rival(acknowledged(2, 4), "second"), told=(("PA-2", 4),), refused=False)
    found = {(each.anomaly, each.id) for each in check([*CLEAN.operations, second], CLEAN.items)}
    assert found == {(Anomaly.DOUBLED, "PA-2 v4"), (Anomaly.LOST, "op-2-4 second")}


def test_a_version_that_was_refused_to_everyone_is_found() -> None:
    rivals = [rival(acknowledged(1, 2), name) for name in ("first", "second")]
    found = {(each.anomaly, each.id) for each in check([*CLEAN.operations, *rivals], CLEAN.items)}
    assert found == {(Anomaly.LOST, "op-1-2 first"), (Anomaly.LOST, "op-1-2 second")}


def test_what_was_refused_and_done_all_the_same_is_found() -> None:
    operations = [replace(unknown(each), refused=True) if each.id == "op-2-6" else each for each in CLEAN.operations]
    found = {(each.anomaly, each.id) for each in check(operations, CLEAN.items)}
    assert found == {(Anomaly.DOUBLED, "op-2-6"), (Anomaly.DOUBLED, "PA-2 v6")}


def test_a_rival_whose_outcome_is_not_known_explains_its_own_entry_only() -> None:
    lost = [each for each in CLEAN.operations if each.id != "op-2-6"]
    theirs = unknown(acknowledged(2, 6))
    assert check([*lost, theirs], CLEAN.items) == []
    found = check([*lost, replace(theirs, by="somebody")], CLEAN.items)
    assert {(each.anomaly, each.id) for each in found} == {(Anomaly.DOUBLED, "PA-2 v6")}


def read(number: int, known: int, version: int | None) -> Read:
    """A read of an item of which the client knew the version `known`."""
    statuses = {entry.version: entry.status for entry in item(number, 6).entries}
    status = None if version is None else statuses.get(version, "unheard of")
    return Read(client="reader", code=f"PA-{number}", known=known, version=version, status=status)


READS = {
    "an older state": (read(2, 4, 3), Anomaly.STALE),
    "nothing, where something was known": (read(1, 1, None), Anomaly.LOST),
    "a version that is not there in the end": (read(0, 3, 4), Anomaly.LOST),
    "an item that is not there in the end": (read(5, 1, 1), Anomaly.LOST),
    "the status of another version": (replace(read(2, 2, 3), status="after publish"), Anomaly.DIFFERENT),
}


@pytest.mark.parametrize("name", READS)
def test_a_wrong_read_is_found(name: str) -> None:
    wrong, anomaly = READS[name]
    assert [(each.anomaly, each.id) for each in check_reads([wrong], CLEAN.items)] == [(anomaly, wrong.code)]


@given(st.integers(1, 6), st.integers(1, 6))
def test_a_read_is_right_from_the_known_version_on(known: int, shown: int) -> None:
    found = check_reads([read(2, known, shown)], CLEAN.items)
    assert [each.anomaly for each in found] == ([Anomaly.STALE] if shown < known else [])
