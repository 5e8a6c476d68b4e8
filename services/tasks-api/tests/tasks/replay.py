"""A task once more, from its events alone, and from its history: both must tell how it stands."""

from collections.abc import Iterable, Mapping
from typing import Any

from cchc_shared.contract.events import task as events

_ENDED_WAITING = (
    events.TaskExtensionGranted,
    events.TaskExtensionDenied,
    events.TaskTransferred,
    events.TaskReturned,
    events.TaskClosed,
)
_ENDED_REPORT = (events.TaskReportRejected, events.TaskCompleted)
_EVERY = (
    "lead_unit",
    "coordinating_units",
    "due_on",
    "due_at",
    "completed_at",
    "handovers",
    "late_from",
    "reported_at",
)


def replayed(told: Iterable[events.TaskState]) -> dict[str, Any]:  # noqa: C901 - one case for each kind
    """The fields of a row that events carry, or that follow from their order. Raises `AssertionError` for a gap."""
    row: dict[str, Any] = {
        "approvals": 0,
        "urgings": 0,
        "requested_due_on": None,
        "former_leads": [],
        "unjustified": [],
    }
    for version, event in enumerate(told, 1):
        before = dict(row)
        row |= {name: getattr(event, name) for name in _EVERY}
        row |= {name: getattr(event, name) for name in ("code", "plan", "parent", "fanned_out", "assigned_at")}
        row |= {"status": event.status.value, "version": version}
        if isinstance(event, events.TaskAssigned):
            row |= {"petition": event.petition, "planned_due_on": event.due_on}
        elif before["lead_unit"] != event.lead_unit:
            assert isinstance(event, events.TaskTransferred | events.TaskReturned), event
        if isinstance(event, events.TaskTransferred | events.TaskReturned):
            assert (event.from_unit, event.to_unit) == (before["lead_unit"], event.lead_unit)
            former = [unit for unit in row["former_leads"] if unit not in {event.from_unit, event.to_unit}]
            row["former_leads"] = [*former, event.from_unit]
        if isinstance(event, events.TaskExtensionRequested):
            row["requested_due_on"] = event.requested_due_on
        if isinstance(event, events.TaskExtensionGranted | events.TaskDated):
            assert event.former_due_on == before["due_on"]
        if isinstance(event, _ENDED_WAITING):
            row["requested_due_on"] = None
        if isinstance(event, events.TaskReportEndorsed):
            row["approvals"] += 1
        if isinstance(event, events.TaskReportRejected):
            assert event.level == before["approvals"] + 1
        if isinstance(event, events.TaskUrged):
            row["urgings"] += 1
        if isinstance(event, _ENDED_REPORT):
            row["approvals"] = 0
        if isinstance(event, events.TaskHandoverJudged):
            assert event.unjustified == (event.withdraws is None)
            others = [each for each in row["unjustified"] if each != event.handover]
            row["unjustified"] = sorted([*others, event.handover]) if event.unjustified else others
    row["coordinating_units"] = list(row["coordinating_units"])
    return row


def check_history(entries: Iterable[Mapping[str, Any]], row: Mapping[str, Any]) -> None:
    """Each entry begins where the one before it ended, and the last says what the row says."""
    before: Mapping[str, Any] = {"status": None, "unit": None}
    version = 0
    for version, entry in enumerate(entries, 1):
        assert entry["version"] == version
        assert (entry["from_status"], entry["from_unit"]) == (before["status"], before["unit"]), entry
        before = entry
    assert version == row["version"]
    stood = {"status": row["status"], "unit": row["lead_unit"]}
    stood |= {name: row[name] for name in ("due_on", "completed_at", "late_from", "reported_at")}
    assert {name: before[name] for name in stood} == stood
