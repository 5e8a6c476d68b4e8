"""Procedures and decisions as they are shown."""

from collections.abc import Sequence
from datetime import date

import msgspec

from cchc_shared.calendar.working_time import WorkingCalendar
from dossiers_api.procedures.domain import Entry, Process, announced_late, disclose_by, in_force, on, process_on
from dossiers_api.procedures.rules import ProcedureRules
from dossiers_api.procedures.schemas import ProcedureEntryOut, ProcedureOut, ProcessOut, ProcessStepOut


def entry(each: Entry, rules: ProcedureRules, calendar: WorkingCalendar) -> ProcedureEntryOut:
    """What a decision says, and whether it does so in time."""
    own = msgspec.structs.asdict(each)
    return ProcedureEntryOut(
        **{name: own[name] for name in ProcedureEntryOut.model_fields if name in own},
        announced_in_time=not announced_late(each, rules, calendar),
        disclose_by=disclose_by(each.issued_on, rules, calendar),
    )


def procedure(
    code: str,
    day: date,
    entries: Sequence[Entry],
    processes: Sequence[Process],
    rules: ProcedureRules,
    calendar: WorkingCalendar,
) -> ProcedureOut:
    """It on that day, and its history, the newest first."""
    holds, works = on(entries, day), process_on(processes, day)
    steps = [ProcessStepOut(**msgspec.structs.asdict(step)) for step in works.steps] if works is not None else []
    return ProcedureOut(
        procedure=code,
        on=day,
        in_force=in_force(entries, day),
        now=None if holds is None else entry(holds, rules, calendar),
        process=None
        if works is None
        else ProcessOut(effective_on=works.effective_on, decision=works.decision, steps=steps),
        history=[entry(each, rules, calendar) for each in reversed(entries)],
    )
