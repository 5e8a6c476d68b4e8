"""Small histories that are right, for the tests of the checks to spoil."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.chaos.anomalies import check
from tests.chaos.history import Anomaly, Entry, Item, Operation

START = datetime(2026, 1, 5, 2, tzinfo=UTC)
ACTIONS = ("received", "assign", "accept", "draft_answer", "approve_answer", "publish")


def at(second: int) -> datetime:
    """So many seconds after the beginning."""
    return START + timedelta(seconds=second)


@dataclass(frozen=True)
class Story:
    """A history: what was asked for, and what is there."""

    operations: Sequence[Operation]
    items: Sequence[Item]

    def without(self, operation_id: str) -> "Story":
        return replace(self, operations=[each for each in self.operations if each.id != operation_id])

    def with_operation(self, id_: str, **changes: object) -> "Story":
        changed = [replace(each, **changes) if each.id == id_ else each for each in self.operations]  # type: ignore[arg-type]
        return replace(self, operations=changed)

    def with_item(self, code: str, **changes: object) -> "Story":
        changed = [replace(each, **changes) if each.code == code else each for each in self.items]  # type: ignore[arg-type]
        return replace(self, items=changed)

    def item(self, code: str) -> Item:
        return next(item for item in self.items if item.code == code)

    def found(self) -> set[tuple[Anomaly, str]]:
        return {(finding.anomaly, finding.id) for finding in check(self.operations, self.items)}


def acknowledged(item: int, version: int) -> Operation:
    """The operation behind one version of item `PA-<item>`, acknowledged half a second after it began."""
    code, begun = f"PA-{item}", 60 * item + version
    creates = version == 1
    return Operation(
        id=f"op-{item}-{version}",
        action=ACTIONS[version - 1],
        started_at=at(begun),
        ref=f"ref-{item}" if creates else None,
        code=None if creates else code,
        based_on=None if creates else version - 1,
        by=None if creates else f"officer-{version}",
        content={"words": f"words of PA-{item} v{version}"},
        told=((code, version),),
        acknowledged_at=at(begun) + timedelta(seconds=0.5),
    )


def unknown(operation: Operation) -> Operation:
    """The same operation, of which nobody knows whether it happened."""
    return replace(operation, told=(), acknowledged_at=None)


def item(number: int, versions: int) -> Item:
    """Item `PA-<number>` as its operations make it: what its creator sent is on its page, the rest in its history."""
    entries = [_entry(number, version) for version in range(1, versions + 1)]
    content = {"words": f"words of PA-{number} v1"}
    return Item(code=f"PA-{number}", ref=f"ref-{number}", version=versions, entries=entries, content=content)


def _entry(number: int, version: int) -> Entry:
    words = {"words": f"words of PA-{number} v{version}"} if version > 1 else {}
    by = f"officer-{version}" if version > 1 else None
    action = ACTIONS[version - 1]
    return Entry(version, action, at(60 * number + version), status=f"after {action}", by=by, content=words)


def story(*versions: int) -> Story:
    """Items of so many versions, and the operations that made them."""
    operations = [acknowledged(number, v) for number, n in enumerate(versions) for v in range(1, n + 1)]
    return Story(operations, [item(number, n) for number, n in enumerate(versions)])
