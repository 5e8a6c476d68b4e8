"""The checker itself: a clean history has no finding, and every planted fault is found by the id of its item."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.anomalies import check, check_items, check_values
from tests.chaos.history import Anomaly, Entry
from tests.chaos.stories import ACTIONS, Story, acknowledged, at, item, story, unknown

CLEAN = story(3, 1, 6)


def test_a_clean_history_has_no_finding() -> None:
    assert check(CLEAN.operations, CLEAN.items) == []


@pytest.mark.parametrize("happened", [True, False])
def test_what_was_not_acknowledged_may_have_happened_or_not(happened: bool) -> None:
    last = [unknown(acknowledged(0, 3)), unknown(acknowledged(3, 1))]
    operations = [each for each in CLEAN.operations if each.id != "op-0-3"]
    items = CLEAN.items if happened else [item(0, 2), *CLEAN.items[1:]]
    created = [item(3, 1)] if happened else []
    assert check([*operations, *last], [*items, *created]) == []


def _entries(code: str, change: Callable[[list[Entry]], list[Entry]]) -> Story:
    return CLEAN.with_item(code, entries=change(list(CLEAN.item(code).entries)))


FAULTS = {
    "an acknowledged report is gone": (
        replace(CLEAN, items=[CLEAN.items[0], CLEAN.items[2]]),
        {(Anomaly.LOST, "op-1-1")},
    ),
    "an acknowledged action is gone": (
        replace(CLEAN, items=[item(0, 2), *CLEAN.items[1:]]),
        {(Anomaly.LOST, "op-0-3")},
    ),
    "the code went to another report": (CLEAN.with_item("PA-1", ref="ref-9"), {(Anomaly.LOST, "op-1-1")}),
    "another action stands at the version": (
        CLEAN.with_operation("op-2-5", action="publish"),
        {(Anomaly.LOST, "op-2-5")},
    ),
    "an entry is missing in between": (
        _entries("PA-2", lambda entries: [each for each in entries if each.version != 4]),
        {(Anomaly.LOST, "PA-2 v4"), (Anomaly.LOST, "op-2-4")},
    ),
    "the state is behind its history": (CLEAN.with_item("PA-2", version=5), {(Anomaly.LOST, "PA-2 v6")}),
    "listed twice": (replace(CLEAN, items=[*CLEAN.items, CLEAN.items[1]]), {(Anomaly.DOUBLED, "PA-1")}),
    "one reference became two reports": (
        replace(CLEAN, items=[*CLEAN.items, replace(item(7, 1), ref="ref-1", content=item(1, 1).content)]),
        {(Anomaly.DOUBLED, "ref-1"), (Anomaly.DOUBLED, "PA-7 v1")},
    ),
    "one operation was acknowledged as two": (
        CLEAN.with_operation("op-1-1", told=(("PA-1", 1), ("PA-2", 1))),
        {
            (Anomaly.DOUBLED, "op-1-1"),
            (Anomaly.DOUBLED, "PA-2 v1"),
            (Anomaly.LOST, "op-1-1"),
            (Anomaly.OUT_OF_ORDER, "op-2-1"),
        },
    ),
    "one version was acknowledged to two": (
        CLEAN.with_operation("op-2-4", told=(("PA-2", 3),), action="accept", by="officer-3"),
        {(Anomaly.DOUBLED, "PA-2 v3"), (Anomaly.DOUBLED, "PA-2 v4"), (Anomaly.OUT_OF_ORDER, "op-2-4")},
    ),
    "an action was done twice": (
        CLEAN.with_item("PA-1", version=2, entries=[*item(1, 1).entries, Entry(2, "received", at(90))]),
        {(Anomaly.DOUBLED, "PA-1 v2")},
    ),
    "something that nobody asked for": (CLEAN.without("op-2-6"), {(Anomaly.DOUBLED, "PA-2 v6")}),
    "a version twice in the history": (
        _entries("PA-1", lambda entries: entries * 2),
        {(Anomaly.DOUBLED, "PA-1 v1")},
    ),
    "entries change places": (
        _entries("PA-0", lambda entries: [entries[0], entries[2], entries[1]]),
        {(Anomaly.OUT_OF_ORDER, "PA-0 v2")},
    ),
    "somebody else's action stands at the version": (
        _entries("PA-2", lambda entries: [*entries[:4], replace(entries[4], by="somebody"), entries[5]]),
        {(Anomaly.LOST, "op-2-5")},
    ),
    "time runs backwards": (
        _entries("PA-0", lambda entries: [*entries[:2], replace(entries[2], at=at(-1))]),
        {(Anomaly.OUT_OF_ORDER, "PA-0 v3")},
    ),
    "an acknowledgement is overtaken": (
        CLEAN.with_operation("op-0-2", started_at=at(4)),
        {(Anomaly.OUT_OF_ORDER, "op-0-2")},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_its_id(fault: str) -> None:
    faulty, expected = FAULTS[fault]
    assert faulty.found() == expected


def test_clocks_that_were_set_apart_are_forgiven_as_far_as_they_were() -> None:
    faulty, expected = FAULTS["time runs backwards"]
    apart = CLEAN.items[0].entries[1].at - at(-1)
    assert check(faulty.operations, faulty.items, apart) == []
    found = check(faulty.operations, faulty.items, apart - timedelta(microseconds=1))
    assert {(each.anomaly, each.id) for each in found} == expected


def test_items_and_values_are_named() -> None:
    assert check_items("list", ["a", "b", "c"], ["c", "b", "a"]) == []
    found = check_items("list", ["a", "b", "c"], ["a", "c", "c", "d"])
    assert {(each.anomaly, each.id) for each in found} == {
        (Anomaly.LOST, "b"),
        (Anomaly.DOUBLED, "c"),
        (Anomaly.DOUBLED, "d"),
    }
    values = check_values("score", {"u": 1, "v": 2, "w": 3}, {"u": 1, "v": 5, "x": 3})
    assert {(each.anomaly, each.id) for each in values} == {
        (Anomaly.DIFFERENT, "v"),
        (Anomaly.LOST, "w"),
        (Anomaly.DOUBLED, "x"),
    }


lengths = st.lists(st.integers(1, len(ACTIONS)), min_size=1, max_size=6)


@given(lengths, st.data())
def test_any_run_with_outcomes_not_known_is_clean(versions: list[int], data: st.DataObject) -> None:
    whole = story(*versions)
    operations = [unknown(each) if data.draw(st.booleans()) else each for each in whole.operations]
    assert check(operations, whole.items) == []


@given(lengths, st.data())
def test_any_lost_tail_is_found(versions: list[int], data: st.DataObject) -> None:
    whole = story(*versions)
    number = data.draw(st.integers(0, len(versions) - 1))
    kept = data.draw(st.integers(0, versions[number] - 1))
    rest = [each for each in whole.items if each.code != f"PA-{number}"]
    faulty = replace(whole, items=[*rest, item(number, kept)] if kept else rest)
    assert faulty.found() == {(Anomaly.LOST, f"op-{number}-{v}") for v in range(kept + 1, versions[number] + 1)}


@given(lengths, st.data())
def test_any_repetition_is_found(versions: list[int], data: st.DataObject) -> None:
    whole = story(*versions)
    number = data.draw(st.integers(0, len(versions) - 1))
    again = Entry(versions[number] + 1, ACTIONS[data.draw(st.integers(0, versions[number] - 1))], at(999))
    before = whole.item(f"PA-{number}")
    faulty = whole.with_item(before.code, version=again.version, entries=[*before.entries, again])
    assert faulty.found() == {(Anomaly.DOUBLED, f"PA-{number} v{again.version}")}


@given(lengths.filter(lambda versions: max(versions) > 1), st.data())
def test_any_exchange_is_found(versions: list[int], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from([n for n, length in enumerate(versions) if length > 1]))
    first = data.draw(st.integers(1, versions[number] - 1))
    whole = story(*versions)
    entries = list(whole.item(f"PA-{number}").entries)
    entries[first - 1], entries[first] = entries[first], entries[first - 1]
    faulty = whole.with_item(f"PA-{number}", entries=entries)
    assert (Anomaly.OUT_OF_ORDER, f"PA-{number} v{first}") in faulty.found()
