"""What a tour through the contract is made of: calls, who makes them, and actions one after the other."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

UNIT, OTHER_UNIT = "ban-quan-ly-cac-khu-cong-nghe-cao-va-khu-cong-nghiep", "so-nong-nghiep-va-moi-truong"
"""No other test of the running system works on them."""
REASON = {"reason": "Không thuộc phạm vi"}


@dataclass(frozen=True)
class Call:
    """One call. `caller` is a key of `CALLERS`; `status` is what it must be answered with."""

    operation: str
    caller: str
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    version: int | None = None
    status: int = 200
    raw: tuple[str, str] | None = None
    """Media type and text of a body that is no JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)


Answers = Generator[Call, Any, Any]
"""Yields calls, and is sent the JSON of each answer."""
CALLERS: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "nobody": ((), None),
    "citizen": (("citizen",), None),
    "neighbour": (("citizen",), None),
    "office": (("coordinator",), None),
    "head": (("officer", "unit_head"), UNIT),
    "asked": (("officer",), OTHER_UNIT),
    "officer": (("officer",), UNIT),
    "inspectors": (("officer", "unit_head"), OTHER_UNIT),
    "operator": (("operator",), None),
    "channel": (("system",), None),
    "board": (("scoring_board",), None),
    "council": (("council",), None),
}
"""Roles and unit."""


@dataclass(frozen=True)
class Step:
    """An action with who takes it, what is said with it, and the actions that come before it."""

    caller: str = "head"
    body: Mapping[str, Any] | None = None
    after: tuple[str, ...] = ()
    at_once: bool = True
    """Whether it is also taken on many at once."""


def one(resource: str, action: str, step: Step, code: str, version: int) -> Call:
    return Call(f"{resource}.{action}", step.caller, path={"code": code}, body=step.body, version=version)


def actions(
    resource: str,
    steps: Mapping[str, Step],
    begin: Callable[[], Call | Answers],
    earlier: Mapping[str, Step] | None = None,
) -> Answers:
    """Each action, after those that it needs, on a new thing that `begin` makes: alone, then on many at once.

    `earlier` holds the steps that come before, if others than those toured.
    """
    before = earlier or steps
    for action, step in steps.items():
        for many in (False, True) if step.at_once else (False,):
            first = begin()
            thing = (yield first) if isinstance(first, Call) else (yield from first)
            code = thing.get("code") or thing["id"]
            version = count(1)
            for each in step.after:
                yield one(resource, each, before[each], code, next(version))
            if many:
                item = {"code": code, "version": next(version), **(step.body or {})}
                done = yield Call(f"{resource}.{action}_many", step.caller, body={"items": [item]})
                assert [each["status"] for each in done["results"]] == [200], done
            else:
                yield one(resource, action, step, code, next(version))
