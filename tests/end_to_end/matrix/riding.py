"""Rides along the tours: before a call is made, every caller makes it where nothing is kept.

So each request is valid at that moment, as the call that follows proves, and a refusal is of the caller.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Final
from uuid import UUID, uuid4

from cchc_shared.contract.codes import Role
from cchc_shared.http.tokens import Principal
from tests.end_to_end.matrix.cells import NONE, REJECTED, YES, Cell, cells
from tests.end_to_end.matrix.doubles import Answer, Doubles, Operation, doubles
from tests.end_to_end.matrix.rules import depth_of
from tests.support.steps import CALLERS, Answers, Call
from tests.support.system import System
from tests.support.tour import tour
from tests.support.tour_files import file_tour
from tests.support.traveller import CONTRACT, Operations, Traveller
from tests.support.waiting import until_now

OPERATIONS: Final[Operations] = {
    operation["operationId"]: (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if "health" not in operation["tags"]
}
JSON: Final = re.compile(r"application/([a-z]+\+)?json\b")
EXPORT: Final = re.compile(r"(.*)/export\.(?:xlsx|\{form\})")


@dataclass
class Seen:
    """What an operation answered."""

    call: Call
    operation: Operation
    cells: dict[Cell, str] = field(default_factory=dict)
    """Caller → what they got: `yes`, `none`, or the status of a refusal."""
    unknown: dict[str, int] = field(default_factory=dict)
    """Path parameter → the status where there is no such thing."""
    elsewhere: int | None = None
    """The status below another thing of the same kind, where the path names a thing and one of its parts."""
    told_apart: str = ""
    """The difference that somebody sees between a thing that is hidden from them and one that is not there."""
    faults: list[str] = field(default_factory=list)
    """Answers of 500 and above."""


async def ride(system: System) -> Mapping[str, Seen]:
    """Every operation of the contract, as all callers found it."""
    seen: dict[str, Seen] = {}
    others = defaultdict[str, list[str]](list)
    with ExitStack() as stack:
        traveller = Traveller(lambda *who, **unit: stack.enter_context(system.client(*who, **unit)), OPERATIONS)
        async with doubles(system) as there:
            guide = _tours()
            call = next(guide)
            while True:
                for each in (call, *_exports(call)):
                    if each.operation not in seen:
                        seen[each.operation] = await _look(there, traveller, each, others)
                for name in ids(path := OPERATIONS[call.operation][1])[:1]:
                    others[_kind(path)].append(str(call.path[name]))
                try:
                    call = guide.send(_made(traveller, call))
                except StopIteration:
                    return seen


def _tours() -> Answers:
    yield from tour()
    yield from file_tour()


def _made(traveller: Traveller, call: Call) -> object:
    """The JSON of the answer; the response where there is none."""
    answer = traveller.make(call)
    if call.operation.startswith("scores."):  # what was done a moment ago may still be on its way there
        answer = until_now(partial(traveller.make, call), lambda found: found.status_code == HTTPStatus.OK)
    assert answer.status_code == call.status, f"{call}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content and JSON.match(answer.headers.get("content-type", "")) else answer


def _exports(call: Call) -> Iterator[Call]:
    """The list of a call as a file, where there is one."""
    method, path, _ = OPERATIONS[call.operation]
    for id_, (its_method, its_path, said) in OPERATIONS.items():
        form = EXPORT.fullmatch(its_path)
        if method == its_method == "get" and form is not None and form[1] == path:
            known = {each["name"] for each in said["parameters"] if each["in"] == "query"}
            query = {name: value for name, value in call.query.items() if name in known}
            yield replace(call, operation=id_, path={**call.path, "form": "csv"}, query=query)


async def _look(there: Doubles, traveller: Traveller, call: Call, others: Mapping[str, list[str]]) -> Seen:
    operation = there.operations[call.operation]
    found = Seen(call, operation)
    declared = frozenset(Role) if operation.anonymous else operation.roles
    request = traveller.request(call)
    for cell in cells(call.operation, declared, depth_of(call.operation)):
        answer = await there.ask(operation, request, cell)
        found.cells[cell] = _outcome(answer, call)
        if answer.status >= 500:
            found.faults.append(f"{cell.name}: {answer.status}")
    await _look_for_what_is_not_there(there, traveller, found)
    await _look_elsewhere(there, traveller, found, others)
    return found


def _outcome(answer: Answer, call: Call) -> str:
    if answer.status != call.status:
        return str(answer.status)
    if answer.media.startswith("text/csv"):
        return YES if len(answer.body.splitlines()) > 1 else NONE
    body = json.loads(answer.body) if JSON.match(answer.media) and answer.body else None
    if isinstance(body, dict):
        if body.get("items") == []:
            return NONE
        first = (body.get("results") or [{}])[0].get("status")
        if first == REJECTED or (isinstance(first, int) and first >= HTTPStatus.BAD_REQUEST):
            return str(first)
    return YES


WORDS: Final = frozenset({"form", "format", "action"})
"""Parameters of a path that name no thing."""
PARTS: Final = frozenset({"attachment", "file", "evidence", "step", "report", "link", "target", "line", "id"})
"""Parameters that name a part of the thing before them."""


def ids(path: str) -> list[str]:
    """The parameters of a path that name things."""
    return [name for name in re.findall(r"{(\w+)(?::path)?}", path) if name not in WORDS]


def caller_of(call: Call) -> Cell:
    """Who makes a call of the tour."""
    roles, unit = CALLERS[call.caller]
    sub = f"{call.caller} on tour"
    return Cell(sub, Principal(sub, frozenset(map(Role, roles)), unit) if roles else None)


async def _look_for_what_is_not_there(there: Doubles, traveller: Traveller, found: Seen) -> None:
    call = found.call
    hidden = next((cell for cell, outcome in found.cells.items() if outcome == "404"), None)
    of_others = None
    if hidden is not None and call.status != HTTPStatus.NOT_FOUND:
        of_others = _said(await there.ask(found.operation, traveller.request(call), hidden))
    of_nothing = []
    for name in ids(found.operation.path):
        absent = replace(call, path={**call.path, name: _unknown(name, str(call.path[name]))})
        answer = await there.ask(found.operation, traveller.request(absent), caller_of(call))
        found.unknown[name] = answer.status
        if hidden is not None:
            of_nothing.append(_said(await there.ask(found.operation, traveller.request(absent), hidden)))
    if of_others is not None and of_nothing and of_others not in of_nothing:
        found.told_apart = f"{of_others} is none of {of_nothing}"


async def _look_elsewhere(there: Doubles, traveller: Traveller, found: Seen, others: Mapping[str, list[str]]) -> None:
    named = ids(found.operation.path)
    if len(named) < 2 or named[-1] not in PARTS:
        return
    call = found.call
    kind = others[_kind(found.operation.path)]
    another = next((each for each in reversed(kind) if each != str(call.path[named[0]])), None)
    if another is not None:
        moved = replace(call, path={**call.path, named[0]: another})
        found.elsewhere = (await there.ask(found.operation, traveller.request(moved), caller_of(call))).status


def _kind(path: str) -> str:
    return path.partition("}")[0]


def _unknown(name: str, value: str) -> str:
    """An id like this one, of nothing."""
    if name == "month":
        return "1950-01"
    with suppress(ValueError):
        return str(uuid4()) if UUID(value) else ""
    if name == "token":
        return value[::-1]
    if name != "year" and (digits := re.fullmatch(r"(.*?)(\d+)", value)):
        return digits[1] + "9" * len(digits[2])
    return value[:-1] + chr(ord(value[-1]) + (1 if value[-1] not in "9zZ" else -1))


def _said(answer: Answer) -> object:
    """A problem without what differs from request to request."""
    if not JSON.match(answer.media):
        return answer.status
    said = json.loads(answer.body)
    return {name: value for name, value in said.items() if name not in {"instance", "trace_id"}}
