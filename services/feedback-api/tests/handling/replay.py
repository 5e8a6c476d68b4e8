"""A report once more, from its history as officials read it."""

from collections.abc import Iterable, Mapping
from typing import Any

_REOPENED = dict.fromkeys(("accepted_at", "own_accepted_at", "answered_at", "satisfied", "refusal", "duplicate_of"))


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
        match action:
            case "assign" | "transfer" | "return":
                if entry["unit"] != entry["from_unit"] and entry["from_unit"] not in report["former_units"]:
                    report["former_units"] = [*report["former_units"], entry["from_unit"]]
                report["handovers"] += action != "assign" and entry["role"] != "coordinator"
                report |= {"held_since": at, "own_accepted_at": None}
            case "accept":
                report |= {"own_accepted_at": at, "accepted_at": report["accepted_at"] or at}
            case "classify":
                report |= {name: change["to"] for name, change in given.items()}
            case "ask_supplement":
                report["paused_since"] = at
            case "supplement" | "go_on" | "refuse" | "mark_duplicate":
                report["paused_since"] = None
                report |= given
            case "draft_answer":
                report |= given
            case "close":
                report["outcome"] = given["outcome"]
            case "approve_answer":
                report["answered_at"] = at
            case "rate":
                report["satisfied"] = given["satisfied"]
            case "reopen":
                report |= _REOPENED | {"held_since": at, "reopenings": report["reopenings"] + 1}
            case "mark_unjustified":
                others = [each for each in report["unjustified"] if each != given["handover"]]
                report["unjustified"] = sorted([*others, given["handover"]]) if given["unjustified"] else others
    return report
