"""Events of the directory of units."""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events.envelope import EventData


class UnitDefined(EventData, frozen=True, kw_only=True):
    """A unit was added or changed. `(code, valid_from)` names the unit: a code may pass to another unit later."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.unit.defined.v1"
    AGGREGATE: ClassVar[str] = "unit"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    name: str
    kind: UnitKind
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
