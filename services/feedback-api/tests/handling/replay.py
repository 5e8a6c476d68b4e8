"""A report once more, from its history as officials read it."""

from collections.abc import Iterable, Mapping
from typing import Any

_REOPENED = dict.fromkeys(("accepted_at", "own_accepted_at", "answered_at", "satisfied", "refusal", "duplicate_of"))

_INSTANTS = {"ask_supplement": "paused_since", "approve_answer": "answered_at", "accept": "own_accepted_at"}
_GO_ON = {action: {"paused_since": None} for action in ("supplement", "go_on", "refuse", "mark_duplicate")}
_AS_GIVEN = frozenset({"draft_answer", "rate", "close", "refuse", "mark_duplicate"})


def replayed(received: Mapping[str, Any], entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of the report that its history tells; `received` is what its receipt was answered with."""
    report: dict[str, Any] = {name: received[name] for name in ("kind", "category", "severity")}
    report |= _REOPENED | {
        "former_units": [],
        "held_since": None,
        "paused_since": None,
        "answer": None,
        "outcome": None,
        "unjustified": [],
        "handovers": 0,
        "reopenings": 0,
    }
    for entry in entries:
        at, given, action = entry["at"], entry["details"], entry["action"]
        report |= {name: entry[name] for name in ("version", "status", "unit")}
        report |= {name: entry[name] for name in ("resolve_due_at", "own_accept_due_at", "own_resolve_due_at")}
        report["held_by"] = None if entry["holder"] == entry["unit"] else entry["holder"]
        if action in _INSTANTS:
            report[_INSTANTS[action]] = at
        report |= _GO_ON.get(action, {})
        report |= given if action in _AS_GIVEN else {}
        match action:
            case "assign" | "transfer" | "return":
                if entry["unit"] != entry["from_unit"] and entry["from_unit"] not in report["former_units"]:
                    report["former_units"] = [*report["former_units"], entry["from_unit"]]
                report["handovers"] += action != "assign" and entry["role"] != "coordinator"
                report |= {"held_since": at, "own_accepted_at": None}
            case "split":
                units = [part["unit"] for part in given["parts"]]
                report["former_units"] += [unit for unit in units if unit not in report["former_units"]]
            case "accept":
                report["accepted_at"] = report["accepted_at"] or at
            case "classify":
                report |= {name: change["to"] for name, change in given.items()}
            case "reopen":
                report |= _REOPENED | {"held_since": at, "reopenings": report["reopenings"] + 1}
            case "mark_unjustified":
                report["unjustified"] = _judged(report["unjustified"], given)
    return report


def _judged(before: list[int], given: Mapping[str, Any]) -> list[int]:
    others = [version for version in before if version != given["handover"]]
    return sorted([*others, given["handover"]]) if given["unjustified"] else others
