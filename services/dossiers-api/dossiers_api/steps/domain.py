"""What progress rows of a dossier say together: its steps, whose each is, and until when. Pure.

As the dossier itself, its steps are a function of the set of rows, whatever their order: what is said first of a time
holds, by the time at which it was so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from cchc_shared.contract.events import EventData
from cchc_shared.contract.events.dossier_step import DossierStepChanged, DossierStepStarted


class Key(NamedTuple):
    """Which step a row speaks of: an office that works on the dossier since an instant."""

    started_at: datetime
    office: str


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one-stop software said at `at` of a step.

    `unit` is the unit that the office is, where the directory knows it by that name; absent: it is a part of the unit
    that handles the dossier. `source_status` is the sender's own word.
    """

    at: datetime
    started_at: datetime
    office: str
    unit: str | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    source_status: str | None = None

    @property
    def key(self) -> Key:
        return Key(self.started_at, self.office)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step as it stands. `number` is given once, in the order in which steps became known; `version` is of its last
    event. `due_at` is the first instant at which it is late; None: not known."""

    number: int
    version: int
    started_at: datetime
    office: str
    unit: str
    due_at: datetime | None
    ended_at: datetime | None

    @property
    def key(self) -> Key:
        return Key(self.started_at, self.office)


class Course(NamedTuple):
    """What of the dossier bears upon its steps: who handles it, until when, and how often it waited."""

    code: str
    procedure: str
    unit: str
    ended_at: datetime | None
    waits: Sequence[tuple[datetime, datetime | None]]


class Laid(NamedTuple):
    """What the process inside lays down of a step that began at some time: whose it is, and until when."""

    unit: str | None = None
    due_at: datetime | None = None


def steps(
    rows: Iterable[Row], known: Iterable[Step], course: Course, laid: Callable[[int, datetime], Laid]
) -> list[Step]:
    """All steps, in the order in which they began; those that are known keep their numbers and versions.

    `laid` tells of the first (0), second, … step what the process inside lays down.
    """
    by_key: dict[Key, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.office)):
        by_key.setdefault(row.key, []).append(row)
    numbers = {step.key: step for step in known}
    after = max((step.number for step in numbers.values()), default=0)
    found: list[Step] = []
    keys = sorted(by_key)
    for place, key in enumerate(keys):
        said = by_key[key]
        before = numbers.get(key)
        if before is None:
            after += 1
        following = next((each.started_at for each in keys[place + 1 :] if each.started_at > key.started_at), None)
        by_process = laid(place, key.started_at)
        due_at = _first(row.due_at for row in said) or by_process.due_at
        found.append(
            Step(
                number=after if before is None else before.number,
                version=0 if before is None else before.version,
                started_at=key.started_at,
                office=key.office,
                unit=_first(row.unit for row in said) or by_process.unit or course.unit,
                due_at=_put_off(due_at, key.started_at, course.waits),
                ended_at=_first(row.ended_at for row in said) or following or _end(key.started_at, course.ended_at),
            )
        )
    return found


def news(course: Course, before: Mapping[Key, Step], after: Sequence[Step]) -> tuple[list[Step], list[EventData]]:
    """The steps that are new or changed, each with its next version, and an event for each of them."""
    changed: list[Step] = []
    events: list[EventData] = []
    for step in after:
        known = before.get(step.key)
        if known == step:
            continue
        step = msgspec.structs.replace(step, version=step.version + 1)
        kind = DossierStepStarted if known is None else DossierStepChanged
        changed.append(step)
        events.append(kind(**_state(course, step)))
    return changed, events


def code_of(dossier: str, number: int) -> str:
    """By what a step is known among all."""
    return f"{dossier}#{number}"


def _state(course: Course, step: Step) -> dict[str, Any]:
    own = {name: getattr(step, name) for name in ("unit", "started_at", "due_at", "ended_at")}
    return own | {"code": code_of(course.code, step.number), "dossier": course.code, "procedure": course.procedure}


def is_late(step: Step, now: datetime) -> bool | None:
    """Whether a step is late by now, or ended late; None where it is not known when it is due."""
    return None if step.due_at is None else (step.ended_at or now) >= step.due_at


def _end(started_at: datetime, ended_at: datetime | None) -> datetime | None:
    """The last step ends with the dossier."""
    return None if ended_at is None else max(started_at, ended_at)


def _put_off(
    due_at: datetime | None, started_at: datetime, waits: Iterable[tuple[datetime, datetime | None]]
) -> datetime | None:
    """Later by each wait for the applicant that is over and began while the step ran and was not late."""
    for since, until in waits:
        if due_at is not None and until is not None and started_at <= since < due_at:
            due_at += until - since
    return due_at


def _first(values: Iterable[Any]) -> Any:
    return next((value for value in values if value is not None), None)
