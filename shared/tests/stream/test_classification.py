"""Whatever order events come in: what is applied is a gapless prefix, and every record is a step, parked or known."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import encode
from cchc_shared.contract.events.task import TaskStarted
from cchc_shared.stream.classification import Classified, GivenUp, Known, Parked, classify
from cchc_shared.stream.record import Envelope, Record

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
GOOD = encode(TaskStarted(code="NV-7", lead_unit="SNV", status=TaskStatus.IN_PROGRESS, assigned_at=NOW))
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def record(
    version: int | None,
    at: int = 0,
    *,
    payload: bytes = GOOD,
    type: str = TaskStarted.TYPE,  # noqa: A002
    fault: str | None = None,
    id_: int | None = None,
) -> Record:
    envelope = {"id": "?"} if fault else Envelope(UUID(int=id_ or at), "NV-7", NOW, NOW, TRACE)
    return Record("tasks", 0, (at, 0), "task:NV-7", version, type, payload, envelope, fault)


def summed_up(found: Classified) -> tuple[list[int | None], list[tuple[int | None, str, str | None]], int]:
    parked = [(each.record.version, str(each.reason), each.error) for each in found.parked]
    return [step.version for step, _ in found.steps], parked, found.duplicates


def test_events_in_order_are_steps_with_all_that_they_carried() -> None:
    found = classify(Known(2), [record(3, 1), record(4, 2)])
    assert summed_up(found) == ([3, 4], [], 0)
    assert found.known == Known(4, None, UUID(int=2))
    step, event = found.steps[0]
    assert (event.id, event.subject, event.version) == (UUID(int=1), "NV-7", 3)
    assert (event.occurred_at, event.recorded_at, event.traceparent) == (NOW, NOW, TRACE)
    assert (step.position, encode(event.data)) == ((1, 0), GOOD)


def test_what_was_applied_is_a_duplicate_even_if_it_cannot_be_read() -> None:
    found = classify(
        Known(3), [record(3), record(1, payload=b"{"), record(2, fault="envelope: no id"), record(4), record(4)]
    )
    assert summed_up(found) == ([4], [], 4)


def test_after_a_gap_everything_waits() -> None:
    found = classify(Known(1), [record(4), record(3), record(2)])
    assert summed_up(found) == ([2, 3, 4], [], 0), "a batch is put in order first"
    found = classify(Known(1), [record(3), record(4), record(3)])
    assert summed_up(found) == ([], [(3, "gap", "version 2 has not come"), (3, "behind", None), (4, "behind", None)], 0)
    assert found.known == Known(1, "gap")


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (record(2, payload=b"{"), "vn.hanoi.cchc.task.started.v1: "),
        (record(2, payload=b"{}"), "vn.hanoi.cchc.task.started.v1: "),
        (record(2, type="vn.hanoi.cchc.task.imagined.v9"), "vn.hanoi.cchc.task.imagined.v9"),
        (record(2, fault="envelope: no id"), "envelope: no id"),
        (record(2, fault=""), "no version in the envelope"),
    ],
)
def test_after_what_cannot_be_read_everything_waits(bad: Record, error: str) -> None:
    if bad.fault == "":
        bad = Record("tasks", 0, (0, 0), "task:NV-7", None, bad.type, GOOD, {}, None)
    found = classify(Known(0), [record(1), bad, record(3)])
    assert [step.version for step, _ in found.steps] == [1]
    if bad.version is None:  # it has no place in the order, so it stands after those that have one
        assert [(each.record, each.reason) for each in found.parked] == [(record(3), "gap"), (bad, "behind")]
        alone = classify(Known(1), [bad])
        assert [(each.reason, each.error) for each in alone.parked] == [("malformed", error)]
        assert alone.known == Known(1, "poison")
        return
    malformed, behind = found.parked
    assert (malformed.record, malformed.reason, behind.reason) == (bad, "malformed", "behind")
    assert (malformed.error or "").startswith(error)
    assert found.known == Known(1, "poison", UUID(int=0))


@pytest.mark.parametrize("blocked", ["gap", "poison"])
def test_what_waits_already_keeps_all_that_follows_waiting(blocked: str) -> None:
    found = classify(Known(1, blocked), [record(1), record(2), record(3, fault="envelope: no id")])
    assert summed_up(found) == ([], [(2, "behind", None), (3, "behind", "envelope: no id")], 1)
    assert found.known == Known(1, blocked)


def test_nothing_becomes_of_nothing() -> None:
    assert summed_up(classify(Known(5), [])) == ([], [], 0)


def test_a_record_without_version_stands_where_it_was_carried_among_its_like() -> None:
    one, two = record(None, 2, fault="first"), record(None, 9, fault="second")
    found = classify(Known(0), [two, record(1), one])
    assert [step.version for step, _ in found.steps] == [1]
    assert [(each.reason, each.error) for each in found.parked] == [("malformed", "first"), ("behind", "second")]


def test_another_event_of_the_version_that_took_effect_last_is_a_conflict_and_holds_nothing_up() -> None:
    known = Known(2, None, UUID(int=7))
    found = classify(known, [record(2, 1, id_=8), record(2, 2, id_=7), record(1, 3, id_=9), record(3, 4)])
    assert summed_up(found) == ([3], [(2, "conflict", f"event {UUID(int=7)} took effect as version 2")], 2)
    assert found.known == Known(3, None, UUID(int=4))
    assert summed_up(classify(Known(2), [record(2, 1, id_=8)])) == ([], [], 1), "nothing is known of the one applied"
    gone = GivenUp(places=[("tasks", 0, 1, 0)])
    assert summed_up(classify(known, [record(2, 1, id_=8)], gone)) == ([], [], 1), "an operator has seen it"
    assert summed_up(classify(known, [record(2, 9, id_=8)], gone))[1] != [], "at another place it is another one"
    twins = classify(Known(0), [record(1, 1, id_=1), record(1, 2, id_=2)])
    assert summed_up(twins)[:2] == ([1], [(1, "conflict", f"event {UUID(int=1)} took effect as version 1")])


@pytest.mark.parametrize("waits", [record(4, 4), record(3, 3, payload=b"{"), record(None, 5, fault="no id")])
def test_what_took_effect_last_is_still_known_while_something_waits(waits: Record) -> None:
    known = Known(2, None, UUID(int=7))
    other, same = record(2, 5, id_=8), record(2, 6, id_=7)
    for elsewhere in (GivenUp(), GivenUp([(9, 9)])):
        waiting = classify(known, [waits], elsewhere).known
        assert (waiting.version, waiting.blocked is None, waiting.last_id) == (2, False, UUID(int=7))
        found = classify(waiting, [other, same], elsewhere)
        assert [(each.record, each.reason) for each in found.parked] == [(other, "conflict")]
        assert (classify(known, [other], elsewhere).known, found.duplicates) == (known, 1)


def test_what_was_given_up_is_passed_over() -> None:
    gone = GivenUp([(2, 3), (5, 5)], [("tasks", 0, 9, 0)])
    found = classify(Known(1, None, UUID(int=1)), [record(2), record(4, 4), record(6, 6)], gone)
    assert summed_up(found) == ([4, 6], [], 1)
    assert classify(Known(1, None, UUID(int=1)), [], gone).known == Known(3), "nothing need come for it"
    assert classify(Known(1, "poison"), [], gone).known == Known(1, "poison"), "what waits goes first"
    behind = classify(Known(1), [record(2, payload=b"{"), record(3, 3), record(4, 4)], GivenUp([(3, 3)]))
    assert [(each.record.version, each.reason) for each in behind.parked] == [(2, "malformed"), (4, "behind")]
    assert behind.duplicates == 1, "an operator gave it up while it waited behind another"
    assert summed_up(classify(Known(1), [record(3, 3)], GivenUp([(3, 3)]))) == ([], [], 1), (
        "and nothing is missed before it"
    )
    assert classify(Known(1), [record(2, 2), record(3, 3), record(5, 5)], gone).duplicates == 3
    unreadable = record(None, 9, fault="envelope: broken")
    assert summed_up(classify(Known(3), [unreadable], gone)) == ([], [], 1)
    assert summed_up(classify(Known(3), [record(None, 8, fault="x")], gone)) == ([], [(None, "malformed", "x")], 0)


records = st.builds(
    record,
    st.one_of(st.integers(1, 8), st.none()),
    st.integers(0, 50),
    id_=st.integers(1, 8),
    payload=st.sampled_from([GOOD, GOOD, GOOD, b"{}", b""]),
    type=st.sampled_from([TaskStarted.TYPE] * 5 + ["unknown"]),
    fault=st.sampled_from([None] * 6 + ["envelope: broken"]),
)
states = st.builds(
    Known,
    st.integers(0, 6),
    st.sampled_from([None, None, None, "gap", "poison"]),
    st.one_of(st.none(), st.integers(1, 8).map(lambda number: UUID(int=number))),
)


@given(states, st.lists(records, max_size=12))
def test_nothing_is_lost_and_nothing_passed_over(known: Known, given_: list[Record]) -> None:
    before = Known(known.version, known.blocked, known.last_id)
    found = classify(known, given_)
    assert known == before, "it is pure"
    applied = [step.version for step, _ in found.steps]
    assert applied == list(range(before.version + 1, before.version + 1 + len(applied))), "a gapless prefix"
    assert found.known.version == before.version + len(applied)
    assert len(applied) + len(found.parked) + found.duplicates == len(given_)
    kept = Counter(map(repr, [step for step, _ in found.steps] + [each.record for each in found.parked]))
    lost = Counter(map(repr, given_)) - kept
    assert sum(lost.values()) == found.duplicates
    for each in given_:
        if repr(each) in lost:
            assert each.version is not None
            assert each.version <= found.known.version, "only what was applied counts as a duplicate"
    conflicts = [each for each in found.parked if each.reason == "conflict"]
    waiting = [each for each in found.parked if each.reason != "conflict"]
    assert bool(waiting) <= (found.known.blocked is not None), "what waits says so"
    assert (before.blocked is None) or found.known.blocked == before.blocked
    if before.blocked is not None:
        assert applied == []
    for place, one in enumerate(waiting):
        assert (one.reason == "behind") == (place > 0 or before.blocked is not None), "the first says why"
        assert one.record.version is None or one.record.version > found.known.version
    for one in conflicts:
        assert one.record.version is not None
        assert before.version <= one.record.version <= found.known.version


@given(st.integers(1, 7), st.data())
def test_complete_histories_in_any_order_end_applied(length: int, data: st.DataObject) -> None:
    history = [record(version, version) for version in range(1, length + 1)]
    doubled = data.draw(st.lists(st.sampled_from(history), max_size=4))
    carried = data.draw(st.permutations(history + doubled))
    size = data.draw(st.integers(1, len(carried)))
    known, waiting, applied = Known(), list[Parked](), []
    for start in range(0, len(carried), size):
        # As the inbox does: what waits is looked at again, together with what came.
        retried = [each.record for each in waiting]
        found = classify(Known(known.version), retried + list(carried[start : start + size]))
        known, waiting = found.known, found.parked
        applied += [step.version for step, _ in found.steps]
    assert applied == list(range(1, length + 1))
    assert waiting == []
