"""What was sent is what is shown, and all who keep a version keep the same: each difference is found by its name."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.anomalies import check, check_versions
from tests.chaos.history import Anomaly
from tests.chaos.stories import acknowledged, item, story, unknown
from tests.chaos.texts import EXOTIC, as_kept, some_text

CLEAN = story(3, 1, 6)


@given(st.integers(0, 2), st.data(), st.text())
def test_any_changed_text_is_found(number: int, data: st.DataObject, text: str) -> None:
    version = data.draw(st.integers(1, len(CLEAN.items[number].entries)))
    before = CLEAN.item(f"PA-{number}")
    entries = list(before.entries)
    if version > 1:
        entries[version - 1] = replace(entries[version - 1], content={"words": text})
        faulty = CLEAN.with_item(before.code, entries=entries)
    else:
        faulty = CLEAN.with_item(before.code, content={"words": text})
    assert faulty.found() == {(Anomaly.DIFFERENT, f"PA-{number} v{version} words")}


@pytest.mark.parametrize("text", EXOTIC)
def test_an_exotic_text_that_was_spoilt_is_found(text: str) -> None:
    sent = replace(acknowledged(0, 1), content={"words": text})
    kept = replace(item(0, 1), content={"words": as_kept(text)})
    assert check([sent], [kept]) == []
    for spoilt in (text[:-1], text.replace(text[1], ""), text.encode("ascii", "replace").decode() + "?"):
        found = check([sent], [replace(kept, content={"words": spoilt})])
        assert [(each.anomaly, each.id) for each in found] == [(Anomaly.DIFFERENT, "PA-0 v1 words")]


@pytest.mark.parametrize("text", [text for text in EXOTIC if as_kept(text) != text])
def test_a_text_that_was_kept_in_another_form_is_found(text: str) -> None:
    sent = replace(acknowledged(0, 1), content={"words": {"in": text}})
    found = check([sent], [replace(item(0, 1), content={"words": {"in": text}})])
    assert [each.anomaly for each in found] == [Anomaly.DIFFERENT]


def test_a_field_that_is_gone_is_found() -> None:
    faulty = CLEAN.with_item("PA-1", content={})
    assert faulty.found() == {(Anomaly.DIFFERENT, "PA-1 v1 words")}


def test_two_reports_that_change_contents_are_both_found() -> None:
    one, other = CLEAN.item("PA-0").content, CLEAN.item("PA-2").content
    faulty = CLEAN.with_item("PA-0", content=other).with_item("PA-2", content=one)
    assert faulty.found() == {(Anomaly.DIFFERENT, "PA-0 v1 words"), (Anomaly.DIFFERENT, "PA-2 v1 words")}


def test_what_was_not_acknowledged_but_happened_has_its_content_too() -> None:
    operations = [unknown(each) for each in CLEAN.operations]
    assert check(operations, CLEAN.items) == []
    faulty = CLEAN.with_item("PA-1", content={"words": "half of"})
    assert replace(faulty, operations=operations).found() == {(Anomaly.DIFFERENT, "PA-1 v1 words")}


def test_texts_differ_for_each_and_keep_their_ends() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    texts = [some_text(chance, f"report-{number}") for number in range(500)]
    assert len(set(texts)) == 500
    assert all(text == text.strip() and "\0" not in text for text in texts)
    assert sum(any(exotic in text for exotic in EXOTIC) for text in texts) > 100


STATES = {"feedback:PA-0": 3, "feedback:PA-1": 1}
EVENTS = {"feedback:PA-0": [1, 2, 3], "feedback:PA-1": [1]}
TAKEN = {"scoring": STATES}

VERSIONS = {
    "an event is missing in between": (
        (STATES, {**EVENTS, "feedback:PA-0": [1, 3]}, TAKEN),
        {(Anomaly.LOST, "feedback:PA-0 v2", "outbox")},
    ),
    "an event stands twice": (
        (STATES, {**EVENTS, "feedback:PA-0": [1, 2, 3, 3]}, TAKEN),
        {(Anomaly.DOUBLED, "feedback:PA-0 v3", "outbox")},
    ),
    "an event of a state that was undone": (
        (STATES, {**EVENTS, "feedback:PA-1": [1, 2]}, TAKEN),
        {(Anomaly.DOUBLED, "feedback:PA-1 v2", "outbox")},
    ),
    "a state without any event": (
        (STATES, {"feedback:PA-0": [1, 2, 3]}, TAKEN),
        {(Anomaly.LOST, "feedback:PA-1", "outbox"), (Anomaly.LOST, "feedback:PA-1 v1", "outbox")},
    ),
    "events of nothing": (
        (STATES, {**EVENTS, "feedback:PA-9": [1]}, TAKEN),
        {(Anomaly.DOUBLED, "feedback:PA-9", "outbox")},
    ),
    "a consumer that is behind": (
        (STATES, EVENTS, {"scoring": {**STATES, "feedback:PA-0": 2}}),
        {(Anomaly.DIFFERENT, "feedback:PA-0", "scoring")},
    ),
    "a consumer that knows more than there is": (
        (STATES, EVENTS, {"scoring": {**STATES, "feedback:PA-1": 2}}),
        {(Anomaly.DIFFERENT, "feedback:PA-1", "scoring")},
    ),
    "a consumer that never heard of it": (
        (STATES, EVENTS, {"scoring": {"feedback:PA-0": 3}}),
        {(Anomaly.LOST, "feedback:PA-1", "scoring")},
    ),
}


def test_versions_that_agree_have_no_finding() -> None:
    assert check_versions(STATES, EVENTS, TAKEN) == []


@pytest.mark.parametrize("name", VERSIONS)
def test_versions_that_do_not_agree_are_found(name: str) -> None:
    (states, events, taken), expected = VERSIONS[name]
    assert {(each.anomaly, each.id, each.where) for each in check_versions(states, events, taken)} == expected
