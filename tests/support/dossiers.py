"""Lives of dossiers, the events that tell them, and a plain reading of how Decision 766 has them judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from cchc_shared.contract.codes import DossierChannel, DossierStatus
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.dossier import (
    DossierFinished,
    DossierOpened,
    DossierRated,
    DossierState,
    DossierSupplemented,
    DossierSupplementRequested,
)
from tests.support.events import event_of

RECEIVED = datetime(2026, 5, 20, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Life:
    """What happened to a dossier, in hours after it was received: asked, brought, ended, complained of."""

    appointment: int
    waits: tuple[tuple[int, int | None], ...] = ()
    ended: int | None = None
    complained: int | None = None


@st.composite
def lives(draw: st.DrawFn) -> Life:
    steps = sorted(draw(st.sets(st.integers(1, 2000), max_size=6)))
    asked = draw(st.integers(0, min(4, len(steps))))
    times: list[int | None] = [*steps[:asked], *([None] if asked % 2 else [])]
    waits = tuple((at, until) for at, until in zip(times[::2], times[1::2], strict=True) if at is not None)
    rest = iter([] if asked % 2 else steps[asked:])
    ended = next(rest, None)
    return Life(draw(st.integers(1, 2000)), waits, ended, None if ended is None else next(rest, None))


def after(hours: int) -> datetime:
    return RECEIVED + timedelta(hours=hours)


def is_late(life: Life, judged: datetime) -> bool:
    """As the words have it: what is not over is judged as it stands, and waiting is no time of the unit's.

    The end is when it was handled, or since when a first supplement is awaited. Two requests are late by themselves.
    """
    asked = [at for at, _ in life.waits if after(at) <= judged]
    due, end = after(life.appointment), judged
    for at, until in life.waits:
        if after(at) <= judged:
            if until is None or after(until) > judged:
                end = after(at)
            elif after(at) < due:
                due += timedelta(hours=until - at)
    if life.ended is not None and after(life.ended) <= judged:
        end = after(life.ended)
    return len(asked) > 1 or end >= due


def events_of(life: Life, subject: str = "1", unit: str = "A") -> Iterator[Event]:
    """What whoever keeps the dossier says of it."""
    state: dict[str, Any] = {
        "code": f"HS-{subject}",
        "procedure": "1.000001",
        "channel": DossierChannel.ONLINE,
        "status": DossierStatus.RECEIVED,
        "unit": unit,
        "received_at": RECEIVED,
        "due_at": after(life.appointment),
    }
    told: list[tuple[int, DossierState]] = [(0, DossierOpened(**state))]
    for number, (at, until) in enumerate(life.waits, 1):
        state |= {"waiting_since": after(at)} | ({"late_from": after(at)} if number == 2 else {})
        told.append((at, DossierSupplementRequested(**state, requests=number)))
        if until is not None:
            wait = timedelta(hours=until - at) if after(at) < state["due_at"] else timedelta()
            state |= {"waiting_since": None, "due_at": state["due_at"] + wait}
            told.append((until, DossierSupplemented(**state)))
    if life.ended is not None:
        state |= {"ended_at": after(life.ended), "status": DossierStatus.HANDLED}
        told.append((life.ended, DossierFinished(**state, electronic_result=True)))
    if life.complained is not None:
        state |= {"unsatisfied_at": after(life.complained)}
        told.append((life.complained, DossierRated(**state, satisfied=False)))
    return (event_of(data, subject, number, after(at)) for number, (at, data) in enumerate(told, 1))
