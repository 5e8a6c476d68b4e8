"""Events of a dossier (hồ sơ thủ tục hành chính) at a one-stop shop. No applicant, no paper, no word of what is asked.

Statuses are those of the national portal. Each event carries the dossier's state after the fact; whoever produces them
puts late and repeated deliveries of a one-stop system in order first.
"""

from typing import ClassVar

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.contract.events.envelope import EventData, Instant


class DossierState(EventData, frozen=True, kw_only=True, omit_defaults=True):
    """State after the event. `unit` is to handle it; `procedure` is the national code of the procedure.

    `due_at` is the first instant at which the result is late: by the appointment (or, without one, the longest time
    that the procedure allows), put off by every wait for a supplement that is over and began before it was late. A
    later appointment changes nothing.
    """

    AGGREGATE: ClassVar[str] = "dossier"
    TOPIC: ClassVar[str] = "dossiers"

    code: str
    procedure: str
    unit: str
    channel: DossierChannel
    status: DossierStatus
    field: str | None = None
    """Code of the procedure's field (lĩnh vực)."""
    received_at: Instant | None = None
    """When the unit took it in; absent before that, and for ever if it refuses to."""
    due_at: Instant | None = None
    waiting_since: Instant | None = None
    """The applicant was asked for a supplement then, and has not brought it."""
    late_from: Instant | None = None
    """When the applicant was asked for a supplement a second time: from then on it is late, whatever comes."""
    ended_at: Instant | None = None
    """When it was handled; else when the result was returned; else when handling was stopped."""
    unsatisfied_at: Instant | None = None
    """When the applicant first said of its handling that it was not satisfying."""


class DossierOpened(DossierState, frozen=True, kw_only=True):
    """It is known from now on: handed in, or received already."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.opened.v1"


class DossierStatusChanged(DossierState, frozen=True, kw_only=True):
    """Any other change of its status, its receipt and its appointment too."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.status_changed.v1"

    from_status: DossierStatus


class DossierSupplementRequested(DossierState, frozen=True, kw_only=True):
    """`requests` counts how often the applicant was asked."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.supplement_requested.v1"

    requests: int


class DossierSupplemented(DossierState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.supplemented.v1"


class DossierFeeCharged(DossierState, frozen=True, kw_only=True):
    """There is something to pay for it. Once for a dossier."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.fee_charged.v1"


class DossierPaid(DossierState, frozen=True, kw_only=True):
    """All that was to be paid is paid. Once for a dossier, after `fee_charged`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.paid.v1"

    online: bool


class DossierDigitised(DossierState, frozen=True, kw_only=True):
    """Its papers are there in electronic form. Once for a dossier."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.digitised.v1"

    how: Digitisation


class DossierFinished(DossierState, frozen=True, kw_only=True):
    """It ended. Once for a dossier: what is known later of its end comes with a change of status."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.finished.v1"

    electronic_result: bool


class DossierRated(DossierState, frozen=True, kw_only=True):
    """The applicant said whether the handling was satisfying; the newest answer holds."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.rated.v1"

    satisfied: bool


class DossierReassigned(DossierState, frozen=True, kw_only=True):
    """A unit ended, and by law another took its place: `from_unit` had it until then, `to_unit` has it now.

    Both may have one code. What was late by then stays missed by the unit that ended.
    """

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier.reassigned.v1"

    from_unit: str
    to_unit: str
