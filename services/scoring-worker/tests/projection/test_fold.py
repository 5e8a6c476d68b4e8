"""Duties moved by events: in any split into batches, in any order across aggregates."""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cchc_shared.contract.codes import FeedbackStatus, TaskStatus
from cchc_shared.contract.events import Event, EventData
from cchc_shared.contract.events.feedback import (
    FeedbackAccepted,
    FeedbackAssigned,
    FeedbackHandoverJudged,
    FeedbackPublished,
    FeedbackReceived,
    FeedbackRefused,
    FeedbackSupplemented,
    FeedbackSupplementRequested,
    FeedbackTransferred,
)
from cchc_shared.contract.events.task import TaskAssigned, TaskClosed, TaskCompleted, TaskStarted, TaskTransferred
from scoring_worker.counts.domain import movements
from scoring_worker.facts.domain import HAPPENED, Duty, DutyState, Occurrence, Withdrawal, month_of
from scoring_worker.projection.fold import Fold
from scoring_worker.sources import BY_AGGREGATE, Measure
from scoring_worker.sources.feedback import ACCEPTANCE, HANDOVER, UNJUSTIFIED
from scoring_worker.sources.task import COMPLETION
from tests.support.events import event_of, report_state, task_state

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
START = datetime(2026, 5, 30, tzinfo=UTC)
NOW = START + timedelta(days=6)
hours = st.integers(0, 24 * 10).map(lambda number: START + timedelta(hours=number))
units = st.sampled_from(["A", "B"])


def task(**given: object) -> dict[str, Any]:
    return task_state("NV-1", START, **{"lead_unit": "A"} | given)


def report(**given: object) -> dict[str, Any]:
    due = {"accept_due_at": START + timedelta(hours=8), "resolve_due_at": START + timedelta(days=4)}
    return report_state("PA-1", START, **{"unit": "A"} | due | given)


def events(
    *data: EventData, subject: str = "1", start: datetime = START, step: timedelta = timedelta(hours=1)
) -> list[Event]:
    """The events of one aggregate, one every `step`."""
    return [
        event_of(one, subject, number, at) for number, one in enumerate(data, 1) for at in [start + step * (number - 1)]
    ]


@st.composite
def task_histories(draw: st.DrawFn, subject: str) -> list[Event]:
    data: list[EventData] = []
    for number in range(draw(st.integers(1, 6))):
        state = task(
            lead_unit=draw(units),
            due_at=draw(st.one_of(st.none(), st.sampled_from([START + timedelta(days=2), START + timedelta(days=5)]))),
            completed_at=draw(st.one_of(st.none(), st.just(START + timedelta(hours=number)))),
            status=draw(st.sampled_from([TaskStatus.IN_PROGRESS, TaskStatus.CLOSED])),
        )
        moved = draw(st.booleans())
        data.append(TaskTransferred(**state, from_unit="A", to_unit="B") if moved else TaskStarted(**state))
    return events(*data, subject=subject)


@st.composite
def report_histories(draw: st.DrawFn, subject: str) -> list[Event]:
    data: list[EventData] = []
    for number in range(draw(st.integers(1, 6))):
        at = st.one_of(st.none(), st.just(START + timedelta(hours=number)))
        state = report(unit=draw(units), accepted_at=draw(at), answered_at=draw(at))
        moved = draw(st.booleans())
        data.append(FeedbackTransferred(**state, from_unit="B", to_unit="A") if moved else FeedbackAccepted(**state))
    return events(*data, subject=subject)


histories = st.tuples(
    task_histories("1"), task_histories("2"), report_histories("1"), report_histories("2"), report_histories("3")
)


class Store:
    """Facts and counts as the database would keep them between batches."""

    def __init__(self) -> None:
        self.duties: dict[tuple[str, str, int], Duty] = {}
        self.occurrences: set[Occurrence] = set()
        self.withdrawals: list[Withdrawal] = []
        self.counts: Counter[tuple[Any, ...]] = Counter()

    def apply(self, batch: list[Event], now: datetime = NOW) -> None:
        aggregates = {f"{event.data.AGGREGATE}:{event.subject}" for event in batch}
        current = [
            copy(duty) for duty in self.duties.values() if duty.aggregate in aggregates and duty.ended_at is None
        ]
        fold = Fold(reversed(current), timezone=HANOI, now=now)
        for event in batch:
            fold.apply(event, event.aggregate)
        self.counts.update(movements(fold.changes, fold.occurrences, fold.withdrawals))
        self.occurrences |= set(fold.occurrences)
        self.withdrawals += fold.withdrawals
        for duty in (*fold.opened, *fold.changed):
            self.duties[duty.aggregate, duty.measure, duty.opened_version] = duty

    @property
    def counted(self) -> dict[tuple[Any, ...], int]:
        return {key: number for key, number in self.counts.items() if number}


def one_by_one(*histories: list[Event]) -> Store:
    store = Store()
    for history in histories:
        for event in history:
            store.apply([event])
    return store


@given(histories, st.randoms(use_true_random=False), st.integers(1, 30))
def test_any_order_across_aggregates_in_any_batches_gives_the_same(
    histories: tuple[list[Event], ...], random: Random, size: int
) -> None:
    queues = [list(history) for history in histories]
    mixed = [random.choice([queue for queue in queues if queue]).pop(0) for _ in range(sum(map(len, histories)))]
    store, expected = Store(), one_by_one(*histories)
    for first in range(0, len(mixed), size):
        store.apply(mixed[first : first + size])
    assert store.duties == expected.duties
    assert store.occurrences == expected.occurrences
    assert store.counted == expected.counted


@given(histories)
def test_counts_are_the_number_of_facts_in_each_state(histories: tuple[list[Event], ...]) -> None:
    store = one_by_one(*histories)
    counted: Counter[tuple[Any, ...]] = Counter(
        (duty.unit, duty.month, duty.due_month, duty.measure, state)
        for duty in store.duties.values()
        if (state := duty.state_now(NOW)) is not None
    )
    counted.update((one.unit, one.month, None, one.measure, HAPPENED) for one in store.occurrences)
    assert store.counted == counted


def naive(history: list[Event], measure: Measure) -> list[tuple[str, datetime, datetime | None]]:
    """What is counted of one aggregate after its last event: finished duties of all, and the open one of the last."""
    held: list[tuple[str, datetime, datetime | None]] = []
    for event in history:
        targets = BY_AGGREGATE[event.data.AGGREGATE].target(event.data)
        (target,) = (target for target in targets if target.measure == measure)
        last = held[-1] if held else None
        if last and last[2] is not None and last[2] == target.done_at:
            continue
        if last and (last[2] is None or last[:2] == (target.unit, target.due_at)):
            held.pop()
        if target.due_at is not None:
            held.append((target.unit, target.due_at, target.done_at))
    return held


@given(task_histories("1"), st.integers(-1, 8))
def test_the_past_is_as_the_events_up_to_then_told_it(history: list[Event], hour: int) -> None:
    instant = START + timedelta(hours=hour, minutes=30)
    past = [event for event in history if event.occurred_at <= instant]
    expected = Counter(
        (unit, DutyState.PENDING if done is None else DutyState.ON_TIME if done < due else DutyState.LATE)
        for unit, due, done in naive(past, COMPLETION)
    )
    there = Counter(
        (duty.unit, state)
        for duty in one_by_one(history).duties.values()
        if duty.measure == COMPLETION and (state := duty.state_at(instant)) is not None
    )
    assert there == expected


@given(histories)
def test_every_handover_counts_once_for_the_unit_that_handed_over(histories: tuple[list[Event], ...]) -> None:
    happened = Counter(
        (occurrence.unit, occurrence.measure)
        for history in histories
        for event in history
        for occurrence in BY_AGGREGATE[event.data.AGGREGATE].occurrences_of(event.data)
    )
    assert happened == Counter((one.unit, one.measure) for one in one_by_one(*histories).occurrences)


def folded(history: Sequence[Event], *current: Duty) -> Fold:
    fold = Fold(current, timezone=HANOI, now=NOW)
    for event in history:
        fold.apply(event, event.aggregate)
    return fold


def test_a_duty_says_which_events_opened_and_closed_it() -> None:
    due = START + timedelta(days=2)
    assigned, done = events(TaskAssigned(**task(due_at=due)), TaskCompleted(**task(due_at=due, completed_at=START)))
    opened = Duty(
        aggregate="task:1",
        measure=COMPLETION,
        opened_version=1,
        code="NV-1",
        unit="A",
        month=date(2026, 6, 1),
        opened_at=assigned.occurred_at,
        recorded_at=assigned.recorded_at,
        due_at=due,
        counted=DutyState.OVERDUE,
    )
    fold = folded([assigned])
    assert fold.opened == [opened]
    assert list(fold.changes) == [(opened, None)]
    then = folded([done], copy(opened))
    assert (then.opened, then.evidence) == ([], [("task:1", done)])
    [(closed, before)] = then.changes
    assert before is DutyState.OVERDUE
    assert (closed.done_at, closed.closed_version, closed.counted) == (START, 2, DutyState.ON_TIME)
    at_once = folded([replace(done, version=1)])
    assert [(duty.done_at, duty.closed_version) for duty in at_once.opened] == [(START, 1)]


def test_every_event_behind_a_fact_is_kept_once_with_its_aggregate() -> None:
    accepted = report(accepted_at=START + timedelta(hours=1))
    moved = FeedbackTransferred(**accepted | {"unit": "B"}, from_unit="A", to_unit="B")
    received, first, again, handed_on = events(
        FeedbackReceived(**report()), FeedbackAccepted(**accepted), FeedbackAccepted(**accepted), moved
    )
    task_done = event_of(TaskAssigned(**task(due_at=START + timedelta(days=1))), "7", 1, START)
    fold = folded([received, task_done, first, again, handed_on])
    assert fold.evidence == [
        ("feedback:1", received),
        ("task:7", task_done),
        ("feedback:1", first),
        ("feedback:1", handed_on),
    ]
    assert fold.occurrences == [
        Occurrence(
            aggregate="feedback:1",
            measure=HANDOVER,
            version=4,
            code="PA-1",
            unit="A",
            month=date(2026, 5, 1),
            occurred_at=handed_on.occurred_at,
            recorded_at=handed_on.recorded_at,
        )
    ]


def test_an_occurrence_without_a_duty_has_its_local_month_and_its_evidence() -> None:
    last_hour = datetime(2026, 5, 31, 17, 30, tzinfo=UTC)  # 00:30 on 1 June in Hanoi
    (handed_on,) = events(TaskTransferred(**task(lead_unit="B"), from_unit="A", to_unit="B"), start=last_hour)
    fold = folded([handed_on])
    assert [(one.unit, one.month) for one in fold.occurrences] == [("A", date(2026, 6, 1))]
    assert (fold.opened, fold.evidence) == ([], [("task:1", handed_on)])


def states(store: Store, at: datetime = NOW) -> set[tuple[str, str, str]]:
    return {
        (duty.unit, duty.measure, state) for duty in store.duties.values() if (state := duty.state_at(at)) is not None
    } | {(one.unit, one.measure, HAPPENED) for one in store.occurrences if one.occurred_at <= at}


def test_a_task_due_on_the_last_of_june_belongs_to_june() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=HANOI)
    store = one_by_one(events(TaskAssigned(**task(due_at=midnight.astimezone(UTC)))))
    (duty,) = store.duties.values()
    assert duty.month.isoformat() == "2026-06-01"
    assert month_of(midnight, HANOI).isoformat() == "2026-07-01"


def test_a_duty_counts_in_the_month_whose_end_is_its_deadline() -> None:
    midnight = datetime(2026, 7, 1, tzinfo=HANOI).astimezone(UTC)
    for due_at, month in ((midnight, 6), (midnight + timedelta(microseconds=1), 7)):
        store = one_by_one(events(FeedbackReceived(**report(accept_due_at=due_at))))
        assert store.duties["feedback:1", ACCEPTANCE, 1].month.month == month


def test_a_report_is_late_from_its_due_time_on() -> None:
    due, instant = START + timedelta(hours=8), timedelta(microseconds=1)
    duty = one_by_one(events(FeedbackReceived(**report(accept_due_at=due)))).duties["feedback:1", ACCEPTANCE, 1]
    assert duty.due_at == due
    assert duty.state_at(due - instant) is duty.state_now(due - instant) is DutyState.PENDING
    assert duty.state_at(due) is duty.state_now(due) is DutyState.OVERDUE
    duty.done_at = due - instant
    assert duty.state_at(due) is DutyState.ON_TIME
    duty.done_at = due
    assert duty.state_at(due) is DutyState.LATE


def test_a_task_may_be_done_until_its_last_day_is_over() -> None:
    midnight = datetime(2026, 6, 30, 17, tzinfo=UTC)
    for done, expected in ((midnight - timedelta(microseconds=1), DutyState.ON_TIME), (midnight, DutyState.LATE)):
        history = events(
            TaskAssigned(**task(due_at=midnight)), TaskCompleted(**task(due_at=midnight, completed_at=done))
        )
        (duty,) = one_by_one(history).duties.values()
        assert duty.state_now(midnight) is expected
    (duty,) = one_by_one(events(TaskAssigned(**task(due_at=midnight)))).duties.values()
    assert duty.state_at(midnight) is DutyState.OVERDUE


def test_what_a_unit_did_stays_its_own_when_the_report_moves_on() -> None:
    accepted = report(accepted_at=START + timedelta(hours=1))
    moved = FeedbackTransferred(**accepted | {"unit": "B"}, from_unit="A", to_unit="B")
    store = one_by_one(events(FeedbackReceived(**report()), FeedbackAccepted(**accepted), moved))
    assert states(store) == {
        ("A", "feedback.acceptance", "on_time"),
        ("A", "feedback.handover", "happened"),
        ("B", "feedback.resolution", "overdue"),
    }
    before_the_transfer = START + timedelta(hours=1, minutes=30)
    assert ("A", "feedback.resolution", "pending") in states(store, before_the_transfer)


OWN: dict[str, Any] = {
    "held_since": START + timedelta(days=2),
    "own_accept_due_at": START + timedelta(days=3),
    "own_resolve_due_at": START + timedelta(days=9),
}


def judgements(store: Store) -> list[tuple[int, datetime | None]]:
    """Version of each judgement, and since when it counts no more."""
    gone = {each.version: each.withdrawn_at for each in store.withdrawals}
    return sorted((each.version, gone.get(each.version)) for each in store.occurrences)


def passed_on() -> FeedbackTransferred:
    """To another unit, which has time of its own from then on."""
    return FeedbackTransferred(**report(unit="B", **OWN), from_unit="A", to_unit="B")


def test_what_was_late_when_it_passed_on_stays_missed_at_any_date() -> None:
    history = [
        *events(FeedbackReceived(**report())),
        event_of(passed_on(), "1", 2, START + timedelta(days=2)),
        event_of(FeedbackPublished(**report(unit="B", **OWN)), "1", 3, START + timedelta(days=2, hours=1)),
    ]
    store = one_by_one(history)
    assert states(store) == {
        ("A", "feedback.acceptance", "overdue"),
        ("A", "feedback.handover", "happened"),
        ("B", "feedback.acceptance", "overdue"),
        ("B", "feedback.resolution", "pending"),
    }
    before = states(store, START + timedelta(days=1))
    assert before == {("A", "feedback.acceptance", "overdue"), ("A", "feedback.resolution", "pending")}
    missed = store.duties["feedback:1", ACCEPTANCE, 1]
    assert (missed.is_missed, missed.closed_version, missed.ended_at) == (True, 2, None)


def test_a_desk_is_judged_by_when_it_assigned() -> None:
    at_the_desk = report(held_by="D")
    for hours, state in ((7, "on_time"), (8, "late")):
        at = START + timedelta(hours=hours)
        assigned = FeedbackAssigned(**report(**OWN | {"held_since": at}))
        store = one_by_one([*events(FeedbackReceived(**at_the_desk)), event_of(assigned, "1", 2, at)])
        assert states(store, at) == {
            ("D", "feedback.acceptance", state),
            ("A", "feedback.acceptance", "pending"),
            ("A", "feedback.resolution", "pending"),
        }


def test_nothing_is_due_while_the_sender_is_asked_unless_it_was_late() -> None:
    for hours, expected in ((7, set()), (8, {("A", "feedback.acceptance", "overdue")})):
        at = START + timedelta(hours=hours)
        asked = FeedbackSupplementRequested(**report(paused_since=at))
        history = [*events(FeedbackReceived(**report())), event_of(asked, "1", 2, at)]
        assert states(one_by_one(history)) == expected
        later = report(accept_due_at=NOW + timedelta(hours=1), resolve_due_at=NOW + timedelta(days=3))
        goes_on = event_of(FeedbackSupplemented(**later if hours == 7 else report()), "1", 3, NOW)
        resumed = {unit_state for unit_state in states(one_by_one([*history, goes_on])) if unit_state[1] == ACCEPTANCE}
        assert resumed == {("A", "feedback.acceptance", "pending" if hours == 7 else "overdue")}


def test_a_refusal_that_comes_too_late_is_no_way_out() -> None:
    for days, expected in ((1, set()), (4, {("A", "feedback.resolution", "overdue")})):
        at = START + timedelta(days=days)
        accepted = report(accepted_at=START)
        refused = FeedbackRefused(**accepted | {"status": FeedbackStatus.REFUSED}, refusal="complaint")
        store = one_by_one([*events(FeedbackReceived(**accepted)), event_of(refused, "1", 2, at)])
        assert states(store, at) - {("A", "feedback.acceptance", "on_time")} == expected


def test_a_judgement_counts_in_the_month_of_the_hand_over_until_it_is_withdrawn() -> None:
    judged: dict[str, Any] = {"handover": 2, "from_unit": "A", "handed_over_at": START}
    accepted = report(accepted_at=START, answered_at=START)
    history = events(
        FeedbackReceived(**accepted),
        FeedbackHandoverJudged(**accepted, **judged, unjustified=True),
        FeedbackHandoverJudged(**accepted, **judged, unjustified=False, withdraws=2),
        FeedbackHandoverJudged(**accepted, **judged, unjustified=True),
        step=timedelta(days=3),
    )
    for size in range(1, 5):
        store = Store()
        for first in range(0, 4, size):
            store.apply(history[first : first + size])
        key = ("A", date(2026, 5, 1), None, UNJUSTIFIED, HAPPENED)
        assert store.counted[key] == 1, size
        assert judgements(store) == [(2, history[2].occurred_at), (4, None)]


def test_a_slow_approval_is_not_booked_to_the_unit_that_reported_in_time() -> None:
    due = START + timedelta(hours=2)
    done = TaskCompleted(**task(due_at=due, completed_at=due - timedelta(hours=1), status=TaskStatus.COMPLETED))
    history = events(TaskAssigned(**task(due_at=due)), done, step=timedelta(days=3))
    assert states(one_by_one(history)) == {("A", "task.completion", "on_time")}


def test_a_task_that_is_dropped_or_done_by_its_children_is_no_duty() -> None:
    due = START + timedelta(days=1)
    dropped = TaskClosed(**task(due_at=due, status=TaskStatus.CLOSED))
    assert states(one_by_one(events(TaskAssigned(**task(due_at=due)), dropped))) == set()
    assert states(one_by_one(events(TaskAssigned(**task(due_at=due, fanned_out=True))))) == set()
    assert states(one_by_one(events(TaskAssigned(**task())))) == set()
