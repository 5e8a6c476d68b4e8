"""What decisions say of procedures, what is in force by that, and until when a dossier is to be handled. Pure.

Nothing is changed or deleted: a procedure is on a day what the newest decision with effect by that day says of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import ProcedureChange, ProcedureLevel
from cchc_shared.contract.events.procedure import ProcedureState
from cchc_shared.contract.rules import RuleBroken
from dossiers_api.procedures.rules import ProcedureRules

ONE_DAY: Final = timedelta(days=1)
FARTHEST: Final = timedelta(days=3653)
"""Between a decision and the day from which it is so: anything beyond is a slip of the pen."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What one decision says of one procedure from `effective_on` on. An abolition says nothing of its content.

    `number` tells entries of one procedure and day apart: the later one holds. A dossier is handled within
    `working_days` or `working_hours`; neither: no time is laid down.
    """

    procedure: str
    effective_on: date
    number: int
    version: int
    decision: str
    issued_on: date
    unit: str
    change: ProcedureChange
    name: str | None = None
    field: str | None = None
    field_name: str | None = None
    levels: tuple[ProcedureLevel, ...] = ()
    working_days: int | None = None
    working_hours: int | None = None
    disclosed_at: datetime | None = None
    complete_at: datetime | None = None

    @property
    def code(self) -> str:
        return f"{self.procedure}@{self.effective_on}.{self.number}"


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step of the work inside: what is done, by which office of which unit (none: the one that handles the dossier),
    within how many working hours."""

    name: str
    working_hours: float
    office: str | None = None
    unit: str | None = None


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """How dossiers of a procedure are worked on from `effective_on` on, by a decision: its steps in their order."""

    procedure: str
    effective_on: date
    number: int
    decision: str
    steps: tuple[Step, ...]


def on(entries: Iterable[Entry], day: date) -> Entry | None:
    """What holds of a procedure on that day, of all its entries; an abolition too."""
    by_then = (each for each in entries if each.effective_on <= day)
    return max(by_then, key=lambda each: (each.effective_on, each.number), default=None)


def process_on(processes: Iterable[Process], day: date) -> Process | None:
    """The process that holds on that day."""
    by_then = (each for each in processes if each.effective_on <= day)
    return max(by_then, key=lambda each: (each.effective_on, each.number), default=None)


def longest_hours(entry: Entry, hours_of_day: float) -> float | None:
    """Working hours within which a dossier is to be handled; None where no time is laid down."""
    if entry.working_days is not None:
        return entry.working_days * hours_of_day
    return entry.working_hours


def counts_from(received_at: datetime, cut_off: time, calendar: WorkingCalendar) -> datetime:
    """When time begins to run for what came then: what comes after `cut_off` waits for the next morning of work."""
    local = received_at.astimezone(calendar.timezone)
    late = calendar.is_working_day(local.date()) and local.time() > cut_off
    return calendar.add_working_hours(calendar.end_of_day(local.date()) if late else received_at, 0)


def allowed_until(
    entry: Entry | None, received_at: datetime, cut_off: time, calendar: WorkingCalendar
) -> datetime | None:
    """First instant at which a dossier that was received then is late by its procedure; None: nothing is laid down."""
    if entry is None or entry.change is ProcedureChange.ABOLISHED:
        return None
    start = counts_from(received_at, cut_off, calendar)
    if entry.working_days is not None:
        return calendar.add_working_days(start, entry.working_days)
    return None if entry.working_hours is None else calendar.add_working_hours(start, entry.working_hours)


def announce_by(effective_on: date, rules: ProcedureRules, calendar: WorkingCalendar) -> datetime:
    """First instant at which the decision is late: so many working days must lie after its day, until it has effect."""
    day, left = effective_on, rules.announce_working_days_before.value
    while left:
        left -= calendar.is_working_day(day)
        day -= ONE_DAY
    return calendar.end_of_day(day)


def disclose_by(issued_on: date, rules: ProcedureRules, calendar: WorkingCalendar) -> datetime:
    """First instant at which disclosure is late, by the day of the decision."""
    made = beginning_of(issued_on, calendar)
    return calendar.add_working_days(made, rules.disclose_within_working_days.value)


def beginning_of(day: date, calendar: WorkingCalendar) -> datetime:
    """First instant of that local day, in UTC."""
    return calendar.end_of_day(day - ONE_DAY)


def disclosed(entry: Entry, at: datetime, *, complete: bool) -> Entry:
    """It is to be read since then. What is said first of it holds, unless something earlier is said."""
    whole = _earlier(entry.complete_at, at) if complete else entry.complete_at
    found = msgspec.structs.replace(entry, disclosed_at=_earlier(entry.disclosed_at, at), complete_at=whole)
    return entry if found == entry else msgspec.structs.replace(found, version=entry.version + 1)


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def state(entry: Entry, rules: ProcedureRules, calendar: WorkingCalendar) -> dict[str, Any]:
    """Fields of the state that its events carry."""
    own = {name: getattr(entry, name) for name in ProcedureState.__struct_fields__ if hasattr(entry, name)}
    return own | {
        "announced_at": beginning_of(entry.issued_on, calendar),
        "announce_by": announce_by(entry.effective_on, rules, calendar),
        "disclose_by": disclose_by(entry.issued_on, rules, calendar),
    }


def announced_late(entry: Entry, rules: ProcedureRules, calendar: WorkingCalendar) -> bool:
    """Whether the decision was made too late before it has effect."""
    return beginning_of(entry.issued_on, calendar) >= announce_by(entry.effective_on, rules, calendar)


def disclosed_late(entry: Entry, rules: ProcedureRules, calendar: WorkingCalendar, now: datetime) -> bool:
    """Whether it was disclosed late, or is not disclosed though it is due."""
    return (entry.disclosed_at or now) >= disclose_by(entry.issued_on, rules, calendar)


def wrong_entries(
    said: Sequence[tuple[str, Entry]], known: Mapping[str, Sequence[Entry]], rules: ProcedureRules
) -> Iterator[RuleBroken]:
    """What is wrong with the entries of one decision, by the paths at which it says them."""
    seen: set[tuple[str, date]] = set()
    for path, each in said:
        if not re.fullmatch(rules.code.value, each.procedure, re.ASCII):
            vi, en = "không đúng dạng mã thủ tục, chẳng hạn `1.001234`", "is no code of a procedure, such as 1.001234"
            yield RuleBroken(f"{path}.procedure", vi, en)
        elif (each.procedure, each.effective_on) in seen:
            vi, en = "được nói đến hai lần cho cùng một ngày", "is spoken of twice for one day"
            yield RuleBroken(f"{path}.procedure", vi, en)
        elif each.change is ProcedureChange.ABOLISHED and not in_force(
            known.get(each.procedure, ()), each.effective_on
        ):
            vi, en = "không có hiệu lực vào ngày ấy nên không thể bãi bỏ", "is not in force by that day"
            yield RuleBroken(f"{path}.procedure", vi, en)
        seen.add((each.procedure, each.effective_on))
        if abs(each.effective_on - each.issued_on) > FARTHEST:
            vi, en = "cách ngày ký quá 10 năm", "is more than ten years away from the day of the decision"
            yield RuleBroken(f"{path}.effective_on", vi, en)
        if each.working_days is not None and each.working_hours is not None:
            vi, en = "chỉ ghi ngày hoặc giờ làm việc, không ghi cả hai", "give working days or working hours, not both"
            yield RuleBroken(f"{path}.working_hours", vi, en)


def wrong_processes(
    said: Sequence[tuple[str, Process]], known: Mapping[str, Sequence[Entry]], hours_of_day: float
) -> Iterator[RuleBroken]:
    """The same of processes; `known` are the entries of their procedures, those of this decision too."""
    seen: set[tuple[str, date]] = set()
    for path, each in said:
        holds = on(known.get(each.procedure, ()), each.effective_on)
        if holds is None or holds.change is ProcedureChange.ABOLISHED:
            vi, en = "không có hiệu lực vào ngày ấy", "is not in force on that day"
            yield RuleBroken(f"{path}.procedure", vi, en)
        elif (each.procedure, each.effective_on) in seen:
            vi, en = "được nói đến hai lần cho cùng một ngày", "is spoken of twice for one day"
            yield RuleBroken(f"{path}.procedure", vi, en)
        elif (allowed := longest_hours(holds, hours_of_day)) is not None:
            taken = sum(step.working_hours for step in each.steps)
            if taken > allowed:
                vi = f"các bước dài {taken:g} giờ làm việc, thủ tục chỉ cho {allowed:g}"
                en = f"take {taken:g} working hours together, and the procedure allows {allowed:g}"
                yield RuleBroken(f"{path}.steps", vi, en)
        seen.add((each.procedure, each.effective_on))


def in_force(entries: Iterable[Entry], day: date) -> bool:
    """Whether the procedure is in force on that day."""
    holds = on(entries, day)
    return holds is not None and holds.change is ProcedureChange.PUBLISHED


def next_number(known: Iterable[Entry | Process], day: date) -> int:
    """The number of the next entry, or process, of a procedure and day."""
    return 1 + max((each.number for each in known if each.effective_on == day), default=0)
