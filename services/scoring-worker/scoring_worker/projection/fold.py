"""Folds events into changes of duties (opened, done, ended) and new occurrences.

Deterministic and without I/O; it changes the duties it is given. A batch of any size gives what its events give one by
one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from cchc_shared.contract.events import Event
from scoring_worker.facts.domain import Duty, DutyState, Occurrence, Withdrawal, month_due, month_of
from scoring_worker.sources import BY_AGGREGATE, Measure, TargetDuty


class Fold:
    """The facts of a batch's aggregates, as its events change them.

    `current` are the duties of these aggregates that have not ended. When the aggregate passes on, or is dropped, a
    duty that was done stays with the unit that did it, and one that was late stays missed by the unit that had it; any
    other ends. The next unit has a duty of its own.
    """

    def __init__(self, current: Iterable[Duty], *, timezone: ZoneInfo, now: datetime) -> None:
        self._timezone = timezone
        self._now = now
        self._current: dict[tuple[str, Measure], list[Duty]] = {}
        for duty in sorted(current, key=lambda duty: duty.opened_version):
            self._current.setdefault((duty.aggregate, duty.measure), []).append(duty)
        self._before: dict[int, DutyState | None] = {}
        self.opened: list[Duty] = []
        self.changed: list[Duty] = []
        """Those that were there before the batch."""
        self.occurrences: list[Occurrence] = []
        self.withdrawals: list[Withdrawal] = []
        self.evidence: list[tuple[str, Event]] = []
        """The events behind these facts, each with its aggregate."""

    @property
    def changes(self) -> Iterator[tuple[Duty, DutyState | None]]:
        """Every duty that is new or changed, with the state in which the counts hold it so far."""
        for duty in self.opened:
            yield duty, None
        for duty in self.changed:
            yield duty, self._before[id(duty)]

    def apply(self, event: Event, aggregate: str) -> None:
        """Apply an event of an aggregate; those of one aggregate come in the order of their versions."""
        data = event.data
        source = BY_AGGREGATE.get(data.AGGREGATE)
        if source is None:
            return
        for target in source.target(data):
            self._reach(aggregate, event, target)
        for occurred in source.occurrences_of(data):
            self.occurrences.append(
                Occurrence(
                    aggregate=aggregate,
                    measure=occurred.measure,
                    version=event.version,
                    code=occurred.code,
                    unit=occurred.unit,
                    month=month_of(occurred.at or event.occurred_at, self._timezone),
                    occurred_at=event.occurred_at,
                    recorded_at=event.recorded_at,
                )
            )
            self._keep_evidence(aggregate, event)
        withdrawn = source.withdrawal(data)
        if withdrawn is not None:
            self.withdrawals.append(
                Withdrawal(
                    aggregate=aggregate,
                    measure=withdrawn.measure,
                    version=withdrawn.version,
                    unit=withdrawn.unit,
                    month=month_of(withdrawn.at, self._timezone),
                    withdrawn_at=event.occurred_at,
                    withdrawn_recorded_at=event.recorded_at,
                )
            )

    def _reach(self, aggregate: str, event: Event, target: TargetDuty) -> None:
        unit, due_at, done_at = target.unit, target.due_at, target.done_at
        current = self._current.setdefault((aggregate, target.measure), [])
        duty = current[-1] if current and not current[-1].is_missed else None
        if duty is not None:
            moved = duty.unit != unit or target.anew
            same = not moved and duty.due_at == due_at
            over = done_at is not None and (moved or not target.resumes)
            if duty.done_at == done_at and (same or over):
                return
            if same and duty.done_at is None:
                self._close(duty, event, done_at=done_at)
                return
            if duty.done_at is None and moved and target.handed_on:
                self._close(duty, event, done_at=event.occurred_at)
            elif duty.done_at is None and (moved or due_at is None) and duty.due_at <= event.occurred_at:
                self._close(duty, event)
            elif same or duty.done_at is None or (target.resumes and not moved):
                self._close(duty, event, ended_at=event.occurred_at)
                current.pop()
        if due_at is not None:
            current.append(self._open(aggregate, event, target, due_at))

    def _open(self, aggregate: str, event: Event, target: TargetDuty, due_at: datetime) -> Duty:
        falls_due = month_due(due_at, self._timezone)
        counts_in = falls_due if target.counts_from is None else month_of(target.counts_from, self._timezone)
        duty = Duty(
            aggregate=aggregate,
            measure=target.measure,
            opened_version=event.version,
            code=target.code,
            unit=target.unit,
            month=counts_in,
            opened_at=event.occurred_at,
            recorded_at=event.recorded_at,
            due_at=due_at,
            done_at=target.done_at,
            closed_version=event.version if target.done_at else None,
            done_recorded_at=event.recorded_at if target.done_at else None,
            due_month=falls_due if falls_due > counts_in else None,
        )
        duty.counted = duty.state_now(self._now)
        self._before[id(duty)] = None
        self.opened.append(duty)
        self._keep_evidence(aggregate, event)
        return duty

    def _close(
        self, duty: Duty, event: Event, *, done_at: datetime | None = None, ended_at: datetime | None = None
    ) -> None:
        """Done, ended, or neither: missed for good."""
        if id(duty) not in self._before:
            self._before[id(duty)] = duty.counted
            self.changed.append(duty)
        if ended_at is not None:
            duty.ended_at = ended_at
            duty.ended_recorded_at = event.recorded_at
        elif done_at is not None:
            duty.done_at = done_at
            duty.done_recorded_at = event.recorded_at
        duty.closed_version = event.version
        duty.counted = duty.state_now(self._now)
        self._keep_evidence(duty.aggregate, event)

    def _keep_evidence(self, aggregate: str, event: Event) -> None:
        if not self.evidence or self.evidence[-1][1] is not event:
            self.evidence.append((aggregate, event))
