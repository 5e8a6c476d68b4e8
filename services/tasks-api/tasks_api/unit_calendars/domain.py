"""The calendar of a unit in the form of RFC 5545. Pure: what stands in it, and the time, are arguments."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from icalendar import Calendar, Event

from tasks_api.consultations.domain import Consultation
from tasks_api.tasks.domain import Task

MOST_ENTRIES: Final = 2000
"""So many tasks, and so many questions, stand in one calendar at most, the soonest due."""
MOST_LINKS: Final = 50
"""So many links of one unit are open at the same time."""
_FRESH: Final = timedelta(hours=1)
_PRODUCT: Final = "-//CCHC//Calendars of units//EN"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link to the calendar of a unit. Its secret is not kept."""

    id: int
    unit: str
    name: str
    created_at: datetime
    revoked_at: datetime | None = None


class Changed(msgspec.Struct, frozen=True):
    """A task or a question with the instant of its last change."""

    of: Task | Consultation
    at: datetime


class Place(msgspec.Struct, frozen=True):
    """Whose calendar it is: unit, city, and the address under which people reach this system, if it is known."""

    unit: str
    city: str
    address: str | None


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. It is random: no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def written(place: Place, tasks: Sequence[Changed], questions: Sequence[Changed], now: datetime) -> bytes:
    """The calendar. The same things at the same state are the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = f"Hạn việc: {place.unit}"
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    if max(len(tasks), len(questions)) >= MOST_ENTRIES:
        calendar.add("x-wr-caldesc", f"Chỉ có {MOST_ENTRIES} việc và {MOST_ENTRIES} câu hỏi đến hạn sớm nhất.")
    calendar.add("refresh-interval", _FRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _FRESH)
    for event in (*_of_tasks(place, tasks, now), *_of_questions(place, questions)):
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _of_tasks(place: Place, tasks: Iterable[Changed], now: datetime) -> Iterable[Event]:
    for changed in tasks:
        task = changed.of
        if isinstance(task, Task) and task.due_on is not None:
            word = "Quá hạn" if task.overdue(now) else "Hạn"
            event = _event(place, changed, "tasks", f"{word}: {task.title}")
            # A whole day, from its first to the day after it.
            event.add("dtstart", task.due_on)
            event.add("dtend", task.due_on + timedelta(days=1))
            about = [task.code, task.due_text, task.product, task.source]
            event.add("description", "\n".join(filter(None, about)))
            yield event


def _of_questions(place: Place, questions: Iterable[Changed]) -> Iterable[Event]:
    for changed in questions:
        asked = changed.of
        if isinstance(asked, Consultation):
            event = _event(place, changed, "consultations", f"Hạn trả lời: {asked.question}")
            event.add("dtstart", asked.due_at)
            event.add("description", f"{asked.code}\n{asked.task}")
            yield event


def _event(place: Place, changed: Changed, resource: str, summary: str) -> Event:
    of = changed.of
    event = Event()
    event.add("uid", f"{of.code}@{resource}.{place.city}")
    event.add("sequence", of.version)
    event.add("dtstamp", changed.at)
    event.add("last-modified", changed.at)
    event.add("summary", " ".join(summary.split()))
    event.add("status", "CONFIRMED")
    # It says until when, not that anybody is busy then.
    event.add("transp", "TRANSPARENT")
    if place.address:
        event.add("url", f"{place.address.rstrip('/')}/v1/{resource}/{of.code}")
    return event
