"""Events of administrative procedures (thủ tục hành chính): what decisions say of them, and when it was disclosed.

One aggregate is one thing that one decision says of one procedure: that it is published (new, or amended) or abolished.
"""

from datetime import date
from typing import ClassVar

from cchc_shared.contract.codes import ProcedureChange
from cchc_shared.contract.events.envelope import EventData, Instant


class ProcedureState(EventData, frozen=True, kw_only=True, omit_defaults=True):
    """State after the event. `unit` prepares the decision, and discloses what it says.

    `announce_by` and `disclose_by` are the first instants at which the decision and its disclosure are late; the
    decision was made at `announced_at`, the beginning of its day.
    """

    AGGREGATE: ClassVar[str] = "procedure"
    TOPIC: ClassVar[str] = "dossiers"

    code: str
    """The procedure, the day from which it is so, and which decision of that day it was: `1.001234@2026-12-01.1`."""
    procedure: str
    unit: str
    decision: str
    change: ProcedureChange
    effective_on: date
    announced_at: Instant
    announce_by: Instant
    disclose_by: Instant
    disclosed_at: Instant | None = None
    """When it was first to be read on the national portal, whole or not."""
    complete_at: Instant | None = None
    """When all of its content was first to be read there."""


class ProcedureAnnounced(ProcedureState, frozen=True, kw_only=True):
    """A decision says it."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.procedure.announced.v1"


class ProcedureDisclosed(ProcedureState, frozen=True, kw_only=True):
    """It is to be read on the national portal, or all of it now is."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.procedure.disclosed.v1"
