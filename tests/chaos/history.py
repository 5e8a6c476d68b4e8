"""What clients were told against what the system shows afterwards.

A client's *operation* is one thing it wanted done once, however often it sent it. Acknowledged, it must be there, once,
at the version that the acknowledgement named. Not acknowledged (timeout, 502, 503), it may have happened or not, but
once at the most. Whatever is there must have been asked for by somebody.

Knows nothing of HTTP or of the services: see `test_history.py` for what each fault looks like.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise


class Fault(StrEnum):
    """What can be wrong with an item."""

    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out_of_order"
    DIFFERENT = "different"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: with which item, where it was looked for, and what was found there."""

    fault: Fault
    id: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.fault} {self.id} ({self.where}): {self.detail}"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one client wanted done once, and what it was told.

    `ref` is the client's own name of the item that it creates; an action on an item names its `code` and the version it
    was `based_on` instead. `told` is every (code, version) that an acknowledgement named: several where the client sent
    the operation several times; none where it was never acknowledged.
    """

    id: str
    action: str
    started_at: datetime
    ref: str | None = None
    code: str | None = None
    based_on: int | None = None
    told: tuple[tuple[str, int], ...] = ()
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One line of an item's own history."""

    version: int
    action: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Item:
    """A report or a task as the system shows it in the end."""

    code: str
    ref: str | None
    version: int
    entries: Sequence[Entry]


def check(operations: Iterable[Operation], items: Sequence[Item]) -> list[Finding]:
    """Every fault of items that only these operations touched, sorted; an empty list is a clean history."""
    operations = list(operations)
    findings = [*_listed_once(items), *_refs(items), *_versions(items)]
    findings += _acknowledged(operations, items)
    findings += _asked_for(operations, items)
    findings += _real_time(operations)
    return sorted(set(findings))


def check_items(where: str, expected: Iterable[str], shown: Iterable[str]) -> list[Finding]:
    """Each expected id is shown once, and nothing else is."""
    wanted, found = Counter(list(expected)), Counter(list(shown))
    lost = [Finding(Fault.LOST, id_, where, f"{n} of {wanted[id_]} not there") for id_, n in (wanted - found).items()]
    more = [Finding(Fault.DOUBLED, id_, where, f"{found[id_]} in place of {wanted[id_]}") for id_ in found - wanted]
    return sorted(lost + more)


def check_values(where: str, expected: Mapping[str, object], shown: Mapping[str, object]) -> list[Finding]:
    """Each key has the expected value; a key on one side only is lost, or one too many."""
    findings = check_items(where, expected, shown)
    for key in expected.keys() & shown.keys():
        if expected[key] != shown[key]:
            detail = f"{shown[key]} in place of {expected[key]}"
            findings.append(Finding(Fault.DIFFERENT, key, where, detail))
    return sorted(findings)


def _listed_once(items: Sequence[Item]) -> Iterator[Finding]:
    for code, times in Counter(item.code for item in items).items():
        if times > 1:
            yield Finding(Fault.DOUBLED, code, "list", f"listed {times} times")


def _refs(items: Sequence[Item]) -> Iterator[Finding]:
    codes: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.ref is not None:
            codes[item.ref].add(item.code)
    for ref, found in codes.items():
        if len(found) > 1:
            yield Finding(Fault.DOUBLED, ref, "list", f"became {', '.join(sorted(found))}")


def _versions(items: Sequence[Item]) -> Iterator[Finding]:
    for item in items:
        versions = [entry.version for entry in item.entries]
        for version, times in Counter(versions).items():
            if times > 1:
                yield Finding(Fault.DOUBLED, f"{item.code} v{version}", "history", f"{times} entries")
        for version in sorted(set(range(1, item.version + 1)) - set(versions)):
            yield Finding(Fault.LOST, f"{item.code} v{version}", "history", f"the item stands at v{item.version}")
        for version in sorted(set(versions) - set(range(1, item.version + 1))):
            yield Finding(Fault.LOST, f"{item.code} v{version}", "state", f"the item stands at v{item.version}")
        for before, after in pairwise(item.entries):
            if before.version > after.version or before.at > after.at:
                detail = f"after v{before.version} of {before.at.isoformat()}"
                yield Finding(Fault.OUT_OF_ORDER, f"{item.code} v{after.version}", "history", detail)


def _acknowledged(operations: Iterable[Operation], items: Sequence[Item]) -> Iterator[Finding]:
    """Every acknowledgement is kept, and one operation was acknowledged as one thing."""
    entries = {(item.code, entry.version): entry for item in items for entry in item.entries}
    refs = {item.code: item.ref for item in items}
    for operation in operations:
        told = sorted(set(operation.told))
        if len(told) > 1:
            names = ", ".join(f"{code} v{version}" for code, version in told)
            yield Finding(Fault.DOUBLED, operation.id, "acknowledgements", f"acknowledged as {names}")
        for code, version in told:
            entry = entries.get((code, version))
            what = f"{operation.action} acknowledged as {code} v{version}"
            if entry is None:
                yield Finding(Fault.LOST, operation.id, "history", f"{what} is not there")
            elif entry.action != operation.action:
                yield Finding(Fault.LOST, operation.id, "history", f"{what}; {entry.action} is there")
            elif operation.ref is not None and refs[code] != operation.ref:
                yield Finding(Fault.LOST, operation.id, "history", f"{what} is {refs[code]}, not {operation.ref}")


def _asked_for(operations: Iterable[Operation], items: Sequence[Item]) -> Iterator[Finding]:
    """Every entry is the work of one operation: of an acknowledged one, or of one whose outcome was not known."""
    done: dict[tuple[str, int], list[str]] = defaultdict(list)
    creating: dict[str, Operation] = {}
    acting: dict[tuple[str, int, str], Operation] = {}
    for operation in operations:
        for told in set(operation.told):
            done[told].append(operation.id)
        if not operation.told and operation.ref is not None:
            creating[operation.ref] = operation
        if not operation.told and operation.code is not None and operation.based_on is not None:
            acting[operation.code, operation.based_on + 1, operation.action] = operation
    for item in items:
        for entry in item.entries:
            owners = done[item.code, entry.version]
            if len(owners) > 1:
                detail = f"acknowledged to {', '.join(sorted(owners))}"
                yield Finding(Fault.DOUBLED, f"{item.code} v{entry.version}", "acknowledgements", detail)
            if owners or (item.code, entry.version, entry.action) in acting:
                continue
            creator = creating.get(item.ref or "")
            if entry.version == 1 and creator is not None and creator.action == entry.action:
                continue
            detail = f"{entry.action} was asked for by nobody, or had been done"
            yield Finding(Fault.DOUBLED, f"{item.code} v{entry.version}", "history", detail)


def _real_time(operations: Iterable[Operation]) -> Iterator[Finding]:
    """What began after something else on the same item was acknowledged stands after it."""
    by_code: dict[str, list[tuple[int, Operation]]] = defaultdict(list)
    for operation in operations:
        for code, version in set(operation.told):
            by_code[code].append((version, operation))
    for code, done in by_code.items():
        for version, operation in done:
            for other_version, other in done:
                known = other.acknowledged_at
                if known is not None and known < operation.started_at and version <= other_version:
                    detail = f"v{version} of {code}, begun after {other.id} was acknowledged as v{other_version}"
                    yield Finding(Fault.OUT_OF_ORDER, operation.id, "acknowledgements", detail)
