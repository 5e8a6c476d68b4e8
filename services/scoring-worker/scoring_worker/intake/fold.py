"""From event to event: which duties open, are done, end.

Pure; a batch of any size gives what its events give one by one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cchc_shared.contract.events import Event
from scoring_worker.facts.domain import Duty, Measure, State, month_of
from scoring_worker.intake.mapping import Wanted, duties_of, occurrence_of


class Fold:
    """The duties of a batch's aggregates, changed by its events.

    `standing` are the duties of these aggregates that have not ended. A duty that was done stays with the unit that did
    it when the aggregate passes on; one that was not done ends, and the next unit has a duty of its own.
    """

    def __init__(self, standing: Iterable[Duty], *, timezone: ZoneInfo, now: datetime) -> None:
        self._timezone = timezone
        self._now = now
        self._standing: dict[tuple[str, Measure], list[Duty]] = {}
        for duty in sorted(standing, key=lambda duty: duty.opened_version):
            self._standing.setdefault((duty.aggregate, duty.measure), []).append(duty)
        self._before: dict[int, State | None] = {}
        self.told: list[tuple[str, Event]] = []
        """The events that opened or closed something, each with its aggregate."""
        self.opened: list[Duty] = []
        self.changed: list[Duty] = []
        """Those that were there before the batch."""

    @property
    def changes(self) -> Iterator[tuple[Duty, State | None]]:
        """Every duty that is new or changed, with the state in which the counts hold it so far."""
        for duty in self.opened:
            yield duty, None
        for duty in self.changed:
            yield duty, self._before[id(duty)]

    def apply(self, event: Event, aggregate: str) -> None:
        """The effect of an aggregate's event; those of one aggregate come in the order of their versions."""
        data = event.data
        for wanted in duties_of(data):
            self._bring(aggregate, event, wanted)
        occurrence = occurrence_of(data)
        if occurrence is not None:
            month = month_of(event.occurred_at, self._timezone)
            self._open(aggregate, event, occurrence.measure, occurrence.unit, month)

    def _bring(self, aggregate: str, event: Event, wanted: Wanted) -> None:
        measure, unit, due_at, done_at = wanted.measure, wanted.unit, wanted.due_at, wanted.done_at
        standing = self._standing.get((aggregate, measure))
        if standing:
            duty = standing[-1]
            same = duty.unit == unit and duty.due_at == due_at
            if duty.done_at == done_at and (same or done_at is not None):
                return
            if same and duty.done_at is None:
                self._close(duty, event, done_at=done_at)
                return
            if same or duty.done_at is None:
                self._close(duty, event, ended_at=event.occurred_at)
                standing.pop()
        if due_at is not None:
            month = month_of(due_at, self._timezone)
            duty = self._open(aggregate, event, measure, unit, month, due_at, done_at)
            if standing is None:
                self._standing[aggregate, measure] = [duty]
            else:
                standing.append(duty)

    def _open(
        self,
        aggregate: str,
        event: Event,
        measure: Measure,
        unit: str,
        month: date,
        due_at: datetime | None = None,
        done_at: datetime | None = None,
    ) -> Duty:
        duty = Duty(
            aggregate=aggregate,
            measure=measure,
            opened_version=event.version,
            code=event.data.code,  # type: ignore[attr-defined]
            unit=unit,
            month=month,
            opened_at=event.occurred_at,
            recorded_at=event.recorded_at,
            due_at=due_at,
            done_at=done_at,
            closed_version=event.version if done_at else None,
        )
        duty.counted = duty.standing(self._now)
        self._before[id(duty)] = None
        self.opened.append(duty)
        self._tell(aggregate, event)
        return duty

    def _close(
        self, duty: Duty, event: Event, *, done_at: datetime | None = None, ended_at: datetime | None = None
    ) -> None:
        if id(duty) not in self._before:
            self._before[id(duty)] = duty.counted
            self.changed.append(duty)
        if ended_at is not None:
            duty.ended_at = ended_at
        else:
            duty.done_at = done_at
        duty.closed_version = event.version
        duty.counted = duty.standing(self._now)
        self._tell(duty.aggregate, event)

    def _tell(self, aggregate: str, event: Event) -> None:
        if not self.told or self.told[-1][1] is not event:
            self.told.append((aggregate, event))
