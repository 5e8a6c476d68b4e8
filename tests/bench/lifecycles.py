"""Events as a city makes them: tasks and reports from their beginning to their end, mixed as time goes by."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity, UnitKind
from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.contract.events import feedback as of_feedback
from cchc_shared.contract.events import task as of_task
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import outbox
from tests.support.databases import Database
from tests.support.events import REPORT_PATH, TASK_PATH

UNITS = tuple(f"U{number:03}" for number in range(100))
FIRST_DAY = datetime(2026, 1, 5, 1, tzinfo=UTC)
LAST_DAY = datetime(2026, 7, 1, tzinfo=UTC)
PER_TRANSACTION = 200


def units() -> list[Event]:
    """The directory: one event for each unit."""
    return [_event(UnitDefined(code=code, name=code, kind=UnitKind.COMMUNE), code, 1, FIRST_DAY) for code in UNITS]


def lives(count: int, since: datetime = FIRST_DAY) -> list[Event]:
    """About `count` events in the order in which they happened; three in four of reports. The same every time.

    They begin between that day and `LAST_DAY`.
    """
    chance = random.Random(766)  # noqa: S311 - to be the same in every run
    events: list[Event] = []
    number = 0
    while len(events) < count:
        number += 1
        events += _feedback(number, chance, since) if number % 10 < 7 else _task(number, chance, since)
    return sorted(events, key=lambda event: (event.occurred_at, event.version))


def _feedback(number: int, chance: random.Random, since: datetime) -> Iterator[Event]:
    code = f"PA-26-{number:06}"
    at = _beginning(chance, since)
    state: dict[str, Any] = {
        "code": code,
        "channel": chance.choice(list(Channel)),
        "kind": chance.choice([FeedbackKind.ON_SITE, FeedbackKind.PROCEDURE]),
        "severity": Severity.NORMAL,
        "unit": chance.choice(UNITS),
        "received_at": at,
        "accept_due_at": at + timedelta(days=1),
        "resolve_due_at": at + timedelta(days=15),
    }
    reach = chance.choice((2, 3, 5, 6, 6, 6))
    handed_over = chance.random() < 0.1
    version = 0
    for kind, status in REPORT_PATH[:reach]:
        state["status"] = status
        if kind is of_feedback.FeedbackAccepted:
            if handed_over:
                version += 1
                here, there = state["unit"], chance.choice(UNITS)
                state |= {"unit": there, "handovers": 1}
                passed = {**state, "status": FeedbackStatus.ASSIGNED, "from_unit": here, "to_unit": there}
                yield _event(of_feedback.FeedbackTransferred(**passed), code, version, at)
            state["accepted_at"] = at
        if kind is of_feedback.FeedbackAnswerApproved:
            state["answered_at"] = at
        version += 1
        yield _event(kind(**state), code, version, at)
        at += timedelta(hours=chance.expovariate(1 / 40))


def _task(number: int, chance: random.Random, since: datetime) -> Iterator[Event]:
    code = f"NV-26-{number:06}"
    at = _beginning(chance, since)
    due_at = at + timedelta(days=chance.randrange(10, 90))
    state: dict[str, Any] = {
        "code": code,
        "plan": "KH-2026",
        "number": str(number),
        "lead_unit": chance.choice(UNITS),
        "coordinating_units": tuple(chance.sample(UNITS, 2)),
        "assigned_at": at,
        "due_on": due_at.date(),
        "due_at": due_at,
    }
    for version, (kind, status) in enumerate(TASK_PATH[: chance.choice((2, 3, 5, 5, 5))], 1):
        state["status"] = status
        if kind is of_task.TaskReported:
            reported_at = at
        if kind is of_task.TaskCompleted:
            state["completed_at"] = reported_at
        yield _event(kind(**state), code, version, at)
        at += timedelta(days=chance.expovariate(1 / 10))


def _beginning(chance: random.Random, since: datetime) -> datetime:
    return since + (LAST_DAY - since) * chance.random()


def _event(data: EventData, subject: str, version: int, at: datetime) -> Event:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return new_event(data, subject=subject, version=version, occurred_at=at, recorded_at=at, traceparent=trace)


async def publish(database: Database, events: Sequence[Event]) -> None:
    """Put the events into the outboxes of their producers, a few hundred in each transaction."""
    by_topic: dict[str, list[Event]] = {}
    for event in events:
        by_topic.setdefault(event.data.TOPIC, []).append(event)
    for topic, chosen in by_topic.items():
        engine = create_engine(database.url(topic), pool_size=1)
        for start in range(0, len(chosen), PER_TRANSACTION):
            async with engine.begin() as conn:
                await outbox.write(conn, chosen[start : start + PER_TRANSACTION])
        await engine.dispose()
