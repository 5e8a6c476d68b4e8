"""Histories of tasks, reports and dossiers as chance has them: hand-overs, extensions, changes of mind."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cchc_shared.contract.codes import (
    Channel,
    DossierChannel,
    DossierStatus,
    FeedbackKind,
    FeedbackStatus,
    Severity,
    TaskStatus,
)
from cchc_shared.contract.events import Event, EventData, new_event
from cchc_shared.contract.events.dossier import DossierFinished, DossierOpened, DossierReassigned
from cchc_shared.contract.events.feedback import FeedbackAccepted, FeedbackTransferred
from cchc_shared.contract.events.task import TaskExtensionGranted, TaskStarted, TaskTransferred

START = datetime(2026, 5, 20, tzinfo=UTC)


def history(subject: str, chance: random.Random) -> list[Event]:
    """A random life of one task, report or dossier, with hand-overs, extensions and changes of mind."""
    due, at = START + timedelta(hours=chance.randrange(600)), START + timedelta(hours=chance.randrange(300))
    unit, done, events = chance.choice("ABCDEFGH"), None, []
    data_of = chance.choice([_task, _report, _dossier])
    for version in range(1, chance.randrange(2, 9)):
        at += timedelta(hours=chance.randrange(1, 48))
        former, kind = unit, chance.random()
        if kind < 0.25:
            unit = chance.choice("ABCDEFGH")
        elif kind < 0.4:
            due += timedelta(days=10)
        elif kind < 0.7:
            done = at
        elif kind < 0.75:
            done = None
        data = data_of(unit, due, done, former)
        events.append(new_event(data, subject=subject, version=version, occurred_at=at, recorded_at=at))
    return events


def _task(unit: str, due: datetime, done: datetime | None, former: str) -> EventData:
    state: dict[str, Any] = {
        "code": "NV",
        "lead_unit": unit,
        "status": TaskStatus.IN_PROGRESS,
        "assigned_at": START,
        "due_at": due,
        "completed_at": done,
    }
    if unit != former:
        return TaskTransferred(**state, from_unit=former, to_unit=unit)
    return TaskStarted(**state) if done else TaskExtensionGranted(**state, former_due_on=START.date())


def _report(unit: str, due: datetime, done: datetime | None, former: str) -> EventData:
    state: dict[str, Any] = {
        "code": "PA",
        "channel": Channel.WEB,
        "kind": FeedbackKind.ON_SITE,
        "severity": Severity.NORMAL,
        "status": FeedbackStatus.ASSIGNED,
        "unit": unit,
        "received_at": START,
        "accept_due_at": due,
        "resolve_due_at": due + timedelta(days=12),
        "accepted_at": done,
    }
    if unit != former:
        return FeedbackTransferred(**state, from_unit=former, to_unit=unit)
    return FeedbackAccepted(**state)


def _dossier(unit: str, due: datetime, done: datetime | None, former: str) -> EventData:
    state: dict[str, Any] = {
        "code": "HS",
        "procedure": "1.000001",
        "channel": DossierChannel.ONLINE,
        "status": DossierStatus.IN_PROGRESS,
        "unit": unit,
        "received_at": START,
        "due_at": due + timedelta(days=20),
        "ended_at": done,
    }
    if unit != former:
        return DossierReassigned(**state, from_unit=former, to_unit=unit)
    return DossierFinished(**state, electronic_result=True) if done else DossierOpened(**state)


def mixed(histories: list[list[Event]], chance: random.Random) -> Iterator[Event]:
    """In order for each aggregate, in any order across them."""
    order = [number for number, events in enumerate(histories) for _ in events]
    chance.shuffle(order)
    queues = [iter(events) for events in histories]
    return (next(queues[number]) for number in order)


def late_written(history: list[Event], chance: random.Random) -> list[Event]:
    """The same events, each written down some time after it happened, in their order."""
    written, last = [], history[0].occurred_at
    for event in history:
        last = max(last, event.occurred_at + timedelta(hours=chance.choice([0, 1, 30, 200])))
        written.append(msgspec.structs.replace(event, recorded_at=last))
    return written
