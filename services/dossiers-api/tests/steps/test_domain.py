"""Steps follow from the set of progress rows, whatever their order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers_api.steps.domain import Course, Laid, Row, Step, news, steps

START = datetime(2026, 3, 2, 2, tzinfo=UTC)
NOTHING = Laid()


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


def course(ended: int | None = None, *waits: tuple[int, int | None]) -> Course:
    spans = [(at(since), None if until is None else at(until)) for since, until in waits]
    return Course("H26-1", "1.001234", "A", None if ended is None else at(ended), spans)


def row(office: str, started: int, said: int | None = None, **other: object) -> Row:
    own: dict[str, object] = {"at": at(started if said is None else said), "started_at": at(started), "office": office}
    return Row(**own | other)  # type: ignore[arg-type]


def unnumbered(found: Sequence[Step]) -> list[tuple[object, ...]]:
    return [(step.started_at, step.office, step.unit, step.due_at, step.ended_at) for step in found]


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8, unique=True
        )
    )
    times = st.one_of(st.none(), st.integers(0, 30).map(at))
    return [
        row(office, started, started + later, due_at=draw(times), unit=draw(st.sampled_from([None, None, "B"])))
        for office, started, later in keys
    ]


@given(rows(), st.randoms(use_true_random=False), st.one_of(st.none(), st.integers(0, 40)))
def test_order_changes_nothing_but_numbers(said: list[Row], chance: object, ended: int | None) -> None:
    whole = steps(said, [], course(ended), lambda *_: NOTHING)
    shuffled = said[:]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    known: list[Step] = []
    for count in range(1, len(shuffled) + 1):
        after = steps(shuffled[:count], known, course(ended), lambda *_: NOTHING)
        changed, events = news(course(ended), {step.key: step for step in known}, after)
        stored = {step.number: step for step in known} | {step.number: step for step in changed}
        assert len(stored) == len(after)
        assert len(events) == len(changed)
        known = sorted(stored.values(), key=lambda step: step.key)
    assert unnumbered(known) == unnumbered(whole)
    assert sorted(step.number for step in known) == list(range(1, len(known) + 1))
    again, events = news(
        course(ended), {step.key: step for step in known}, steps(said, known, course(ended), lambda *_: NOTHING)
    )
    assert (again, events) == ([], [])


@given(rows(), st.integers(0, 40))
def test_a_step_ends_when_the_next_begins_and_the_last_with_the_dossier(said: list[Row], ended: int) -> None:
    found = steps(said, [], course(ended), lambda *_: NOTHING)
    begins = sorted({step.started_at for step in found})
    for step in found:
        later = [begin for begin in begins if begin > step.started_at]
        assert step.ended_at == (later[0] if later else max(step.started_at, at(ended)))


def test_what_is_said_first_holds_and_waits_put_it_off() -> None:
    said = [row("a", 0, 5, due_at=at(50)), row("a", 0, 1, due_at=at(10)), row("a", 0, 9, unit="B")]
    [step] = steps(said, [], course(None, (4, 6), (8, None)), lambda *_: Laid("C", at(3)))
    assert (step.due_at, step.unit, step.ended_at) == (at(12), "B", None)


@pytest.mark.parametrize(("wait", "due"), [((-2, 3), 10), ((0, 3), 13), ((9, 11), 12), ((10, 12), 10)])
def test_only_waits_that_began_in_the_step_and_in_time_count(wait: tuple[int, int], due: int) -> None:
    [step] = steps([row("a", 0, due_at=at(10))], [], course(None, wait), lambda *_: NOTHING)
    assert step.due_at == at(due)


def test_the_process_inside_lays_down_what_nobody_said() -> None:
    said = [row("a", 0), row("b", 4)]
    laid = [Laid("C", at(3)), NOTHING]
    first, second = steps(said, [], course(9), lambda place, _: laid[place])
    assert (first.unit, first.due_at, first.ended_at) == ("C", at(3), at(4))
    assert (second.unit, second.due_at, second.ended_at) == ("A", None, at(9))
