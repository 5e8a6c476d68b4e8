"""What counts after some events, by plain loops: no batches, no table, no state that is kept.

It is slow on purpose: every question is answered from the first event on. What an event asks of whom is the source's
(`target`); what becomes of what was asked before is said here once more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cchc_shared.contract.events import Event
from scoring_worker.sources import BY_AGGREGATE, TargetDuty
from tests.chaos.recomputation import months_of

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Count = Counter[tuple[str, str]]
"""(measure, state) → how many."""


@dataclass
class Asked:
    """Something that a unit has to do, or had."""

    measure: str
    unit: str
    month: str
    due_at: datetime
    done_at: datetime | None
    missed: bool = False

    def state(self, at: datetime, end: datetime) -> str:
        """As it stands at an instant; in a period that ends before it falls due it is not late."""
        if self.done_at is not None and self.done_at < self.due_at:
            return "on_time"
        if self.due_at > end:
            return "pending"
        if self.done_at is not None:
            return "late"
        return "overdue" if self.due_at <= at else "pending"


def month(at: datetime) -> str:
    return at.astimezone(HANOI).strftime("%Y-%m")


def counted(history: Iterable[Sequence[Event]], period: str, at: datetime, known_at: datetime) -> dict[str, Count]:
    """Unit → what counts in the period of what had happened and was written down by then."""
    found: dict[str, Count] = defaultdict(Counter)
    months = months_of(period)
    last = date.fromisoformat(f"{months[-1]}-01")
    end = datetime.combine((last + timedelta(days=31)).replace(day=1), datetime.min.time(), HANOI)
    for events in history:
        there = [event for event in events if event.occurred_at <= at and event.recorded_at <= known_at]
        for asked in _asked(there):
            if asked.month in months:
                found[asked.unit][asked.measure, asked.state(at, end)] += 1
        for measure, unit, when in _happened(there):
            if when in months:
                found[unit][measure, "happened"] += 1
    return found


def _asked(events: Sequence[Event]) -> Iterator[Asked]:
    """All that was asked and still counts after the last event."""
    held: dict[str, list[Asked]] = defaultdict(list)
    for event in events:
        for target in BY_AGGREGATE[event.data.AGGREGATE].target(event.data):
            _ask(held[target.measure], target, event.occurred_at)
    for each in held.values():
        yield from each


def _ask(held: list[Asked], target: TargetDuty, now: datetime) -> None:
    """What becomes of the last one that was asked, and what is asked anew."""
    last = held[-1] if held and not held[-1].missed else None
    if last is not None:
        passed_on = last.unit != target.unit or target.anew
        same = not passed_on and last.due_at == target.due_at
        if last.done_at is not None:
            stays_done = last.done_at == target.done_at and (same or passed_on or not target.resumes)
            if stays_done:
                return
            if same or (target.resumes and not passed_on):
                held.pop()
        elif same:
            last.done_at = target.done_at
            return
        elif passed_on and target.handed_on:
            last.done_at = now
        elif (passed_on or target.due_at is None) and last.due_at <= now:
            last.missed = True
        else:
            held.pop()
    if target.due_at is not None:
        counts_in = target.counts_from or target.due_at - timedelta(microseconds=1)
        held.append(Asked(target.measure, target.unit, month(counts_in), target.due_at, target.done_at))


def _happened(events: Sequence[Event]) -> Iterator[tuple[str, str, str]]:
    """Measure, unit and month of what happened and was not taken back."""
    taken_back = {
        (back.measure, back.version)
        for event in events
        if (back := BY_AGGREGATE[event.data.AGGREGATE].withdrawal(event.data)) is not None
    }
    for event in events:
        for one in BY_AGGREGATE[event.data.AGGREGATE].occurrences_of(event.data):
            if (one.measure, event.version) not in taken_back:
                yield one.measure, one.unit, month(one.at or event.occurred_at)
