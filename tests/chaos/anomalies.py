"""The checks: what is wrong with a history. See `test_anomalies.py` for what each of them finds.

All are pure: they are handed what was told, what was read and what is there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from tests.chaos.history import Anomaly, Entry, Finding, Item, Operation, Read
from tests.chaos.texts import as_kept

NO_SKEW = timedelta()


def check(operations: Iterable[Operation], items: Sequence[Item], skew: timedelta = NO_SKEW) -> list[Finding]:
    """Every anomaly of items that only these operations touched, sorted; an empty list is a clean history.

    `skew` is how far apart the clocks of the processes were set on purpose.
    """
    operations = list(operations)
    findings = [*_listed_once(items), *_refs(items), *_versions(items, skew)]
    findings += _acknowledged(operations, items)
    findings += _refused(operations, items)
    findings += _asked_for(operations, items)
    findings += _real_time(operations)
    findings += _contents(operations, items)
    return sorted(set(findings))


def check_reads(reads: Iterable[Read], items: Iterable[Item]) -> list[Finding]:
    """No client is shown less than it had been told, and what is shown is, in the end, part of the history."""
    statuses = {(item.code, entry.version): entry.status for item in items for entry in item.entries}
    found = []
    for read in reads:
        asked = f"{read.client} knew v{read.known}"
        if read.version is None:
            found.append(Finding(Anomaly.LOST, read.code, "reads", f"{asked} and was told that there is none"))
        elif read.version < read.known:
            found.append(Finding(Anomaly.STALE, read.code, "reads", f"{asked} and was shown v{read.version}"))
        elif (read.code, read.version) not in statuses:
            detail = f"{read.client} was shown v{read.version}, which is not in the history"
            found.append(Finding(Anomaly.LOST, read.code, "reads", detail))
        elif read.status != statuses[read.code, read.version]:
            detail = f"v{read.version} was shown as {read.status}, it is {statuses[read.code, read.version]}"
            found.append(Finding(Anomaly.DIFFERENT, read.code, "reads", detail))
    return sorted(set(found))


def check_versions(
    producer: Mapping[str, int], outbox: Mapping[str, Sequence[int]], consumers: Mapping[str, Mapping[str, int]]
) -> list[Finding]:
    """By aggregate: the state's version, the versions of its events, and how far each consumer has come are one.

    `consumers`: consumer → aggregate → version, of all that the consumer follows.
    """
    found = check_items("outbox", producer, outbox)
    for aggregate, version in producer.items():
        events = [f"{aggregate} v{each}" for each in outbox.get(aggregate, ())]
        found += check_items("outbox", [f"{aggregate} v{each}" for each in range(1, version + 1)], events)
    for consumer, versions in consumers.items():
        found += check_values(consumer, producer, versions)
    return sorted(set(found))


def check_items(where: str, expected: Iterable[str], shown: Iterable[str]) -> list[Finding]:
    """Each expected id is shown once, and nothing else is."""
    wanted, found = Counter(list(expected)), Counter(list(shown))
    lost = [Finding(Anomaly.LOST, id_, where, f"{n} of {wanted[id_]} not there") for id_, n in (wanted - found).items()]
    more = [Finding(Anomaly.DOUBLED, id_, where, f"{found[id_]} in place of {wanted[id_]}") for id_ in found - wanted]
    return sorted(lost + more)


def check_values(where: str, expected: Mapping[str, object], shown: Mapping[str, object]) -> list[Finding]:
    """Each key has the expected value; a key on one side only is lost, or one too many."""
    findings = check_items(where, expected, shown)
    for key in expected.keys() & shown.keys():
        if expected[key] != shown[key]:
            detail = f"{shown[key]} in place of {expected[key]}"
            findings.append(Finding(Anomaly.DIFFERENT, key, where, detail))
    return sorted(findings)


def _listed_once(items: Sequence[Item]) -> Iterator[Finding]:
    for code, times in Counter(item.code for item in items).items():
        if times > 1:
            yield Finding(Anomaly.DOUBLED, code, "list", f"listed {times} times")


def _refs(items: Sequence[Item]) -> Iterator[Finding]:
    codes: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.ref is not None:
            codes[item.ref].add(item.code)
    for ref, found in codes.items():
        if len(found) > 1:
            yield Finding(Anomaly.DOUBLED, ref, "list", f"became {', '.join(sorted(found))}")


def _versions(items: Sequence[Item], skew: timedelta) -> Iterator[Finding]:
    for item in items:
        versions = [entry.version for entry in item.entries]
        for version, times in Counter(versions).items():
            if times > 1:
                yield Finding(Anomaly.DOUBLED, f"{item.code} v{version}", "history", f"{times} entries")
        for version in sorted(set(range(1, item.version + 1)) - set(versions)):
            yield Finding(Anomaly.LOST, f"{item.code} v{version}", "history", f"the item stands at v{item.version}")
        for version in sorted(set(versions) - set(range(1, item.version + 1))):
            yield Finding(Anomaly.LOST, f"{item.code} v{version}", "state", f"the item stands at v{item.version}")
        for before, after in pairwise(item.entries):
            if before.version > after.version or before.at - after.at > skew:
                detail = f"after v{before.version} of {before.at.isoformat()}"
                yield Finding(Anomaly.OUT_OF_ORDER, f"{item.code} v{after.version}", "history", detail)


def _acknowledged(operations: Iterable[Operation], items: Sequence[Item]) -> Iterator[Finding]:
    """Every acknowledgement is kept, and one operation was acknowledged as one thing."""
    entries = {(item.code, entry.version): entry for item in items for entry in item.entries}
    refs = {item.code: item.ref for item in items}
    for operation in operations:
        told = sorted(set(operation.told))
        if len(told) > 1:
            names = ", ".join(f"{code} v{version}" for code, version in told)
            yield Finding(Anomaly.DOUBLED, operation.id, "acknowledgements", f"acknowledged as {names}")
        for code, version in told:
            entry = entries.get((code, version))
            what = f"{operation.action} acknowledged as {code} v{version}"
            if entry is None:
                yield Finding(Anomaly.LOST, operation.id, "history", f"{what} is not there")
            elif entry.action != operation.action:
                yield Finding(Anomaly.LOST, operation.id, "history", f"{what}; {entry.action} is there")
            elif not _same_person(operation, entry):
                yield Finding(
                    Anomaly.LOST, operation.id, "history", f"{what}; it is {entry.by}'s, not {operation.by}'s"
                )
            elif operation.ref is not None and refs[code] != operation.ref:
                yield Finding(Anomaly.LOST, operation.id, "history", f"{what} is {refs[code]}, not {operation.ref}")


def _same_person(operation: Operation, entry: Entry) -> bool:
    return operation.by is None or entry.by is None or operation.by == entry.by


def _refused(operations: Iterable[Operation], items: Iterable[Item]) -> Iterator[Finding]:
    """What was refused because another came first is not there, and another did come first."""
    entries = {(item.code, entry.version): entry for item in items for entry in item.entries}
    for operation in operations:
        if not operation.refused or operation.code is None or operation.based_on is None:
            continue
        version = operation.based_on + 1
        entry = entries.get((operation.code, version))
        if entry is None:
            detail = f"{operation.action} was refused as too late, and nobody else made v{version}"
            yield Finding(Anomaly.LOST, operation.id, "refusals", detail)
        elif operation.by is not None and (entry.action, entry.by) == (operation.action, operation.by):
            detail = f"{operation.action} of {operation.by} was refused, and is there as v{version}"
            yield Finding(Anomaly.DOUBLED, operation.id, "refusals", detail)


def _asked_for(operations: Iterable[Operation], items: Sequence[Item]) -> Iterator[Finding]:
    """Every entry is the work of one operation: of an acknowledged one, or of one whose outcome was not known."""
    done: dict[tuple[str, int], list[str]] = defaultdict(list)
    left_open: dict[tuple[str | None, int], list[Operation]] = defaultdict(list)
    for operation in operations:
        for told in set(operation.told):
            done[told].append(operation.id)
        if not operation.told and not operation.refused:
            name = operation.code if operation.ref is None else operation.ref
            left_open[name, (operation.based_on or 0) + 1].append(operation)
    for item in items:
        for entry in item.entries:
            owners = done[item.code, entry.version]
            if len(owners) > 1:
                detail = f"acknowledged to {', '.join(sorted(owners))}"
                yield Finding(Anomaly.DOUBLED, f"{item.code} v{entry.version}", "acknowledgements", detail)
            name = item.ref if entry.version == 1 else item.code
            maybe = [each for each in left_open[name, entry.version] if each.action == entry.action]
            if not owners and not any(_same_person(each, entry) for each in maybe):
                detail = f"{entry.action} was asked for by nobody, or had been done"
                yield Finding(Anomaly.DOUBLED, f"{item.code} v{entry.version}", "history", detail)


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
                    yield Finding(Anomaly.OUT_OF_ORDER, operation.id, "acknowledgements", detail)


def _contents(operations: Iterable[Operation], items: Iterable[Item]) -> Iterator[Finding]:
    """What was sent is shown, in the form that is kept, field by field; if it happened, where no outcome is known."""
    by_ref = {item.ref: item for item in items if item.ref is not None}
    by_code = {item.code: item for item in items}
    for operation in operations:
        item = by_ref.get(operation.ref) if operation.ref is not None else by_code.get(operation.code or "")
        version = 1 if operation.based_on is None else operation.based_on + 1
        if item is None or operation.refused:
            continue
        entry = next((entry for entry in item.entries if entry.version == version), None)
        if entry is None or entry.action != operation.action or not _same_person(operation, entry):
            continue
        shown = {**item.content, **entry.content}
        for name, sent in operation.content.items():
            if shown.get(name) != (kept := as_kept(sent)):
                detail = f"{shown.get(name)!a} in place of {kept!a}"
                yield Finding(Anomaly.DIFFERENT, f"{item.code} v{version} {name}", "contents", detail)
