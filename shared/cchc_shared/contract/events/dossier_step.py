"""Events of the steps that a dossier goes through inside. Whose desk it lay on is told by unit, never by person."""

from typing import ClassVar

from cchc_shared.contract.events.envelope import EventData, Instant


class DossierStepState(EventData, frozen=True, kw_only=True, omit_defaults=True):
    """State after the event. `unit` is whose step it is: not always the unit that handles the dossier.

    `due_at` is the first instant at which it is late, put off by waits for the applicant; absent: not known.
    """

    AGGREGATE: ClassVar[str] = "dossier_step"
    TOPIC: ClassVar[str] = "dossiers"

    code: str
    """The dossier and the number of the step, in the order in which they became known: `H26.33-261118-0001#1`."""
    dossier: str
    procedure: str
    unit: str
    started_at: Instant
    due_at: Instant | None = None
    ended_at: Instant | None = None


class DossierStepStarted(DossierStepState, frozen=True, kw_only=True):
    """It is known from now on; perhaps it has ended already."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier_step.started.v1"


class DossierStepChanged(DossierStepState, frozen=True, kw_only=True):
    """It ended, or something else of it is other than was known."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.dossier_step.changed.v1"
