"""Dossiers of one-stop shops, as Decision 766/QĐ-TTg counts them: handled by their due time, of all that were received.

They count in the month in which they were received. Waiting for a first supplement is an end, until it comes; from a
second request on a dossier is late (the national portal's reckoning of the decision, which sources describe).
"""

from datetime import datetime
from typing import Final

from cchc_shared.contract.codes import Digitisation
from cchc_shared.contract.events.dossier import (
    DossierDigitised,
    DossierFeeCharged,
    DossierFinished,
    DossierPaid,
    DossierReassigned,
    DossierState,
)
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty, is_inherited

RESOLUTION = Measure("dossier.resolution")
SATISFACTION = Measure("dossier.satisfaction")
FEE_CHARGED = Measure("dossier.fee_charged")
PAID_ONLINE = Measure("dossier.paid_online")
DIGITISED = Measure("dossier.digitised")
REUSED = Measure("dossier.reused")
FINISHED = Measure("dossier.finished")
ELECTRONIC_RESULT = Measure("dossier.electronic_result")

_REUSED: Final = (Digitisation.REUSED_PAPERS, Digitisation.REUSED_RESULT)


def _target(dossier: DossierState) -> tuple[TargetDuty, ...]:
    due_at, done_at = dossier.due_at, dossier.ended_at
    if dossier.received_at is None or due_at is None:
        due_at = done_at = None
    elif dossier.late_from is not None:
        due_at = min(due_at, dossier.late_from)
    elif done_at is None:
        done_at = dossier.waiting_since
    anew = isinstance(dossier, DossierReassigned) and is_inherited(dossier)
    return tuple(
        TargetDuty(measure, dossier.code, dossier.unit, *times, anew, counts_from=dossier.received_at, resumes=True)
        for measure, times in (
            (RESOLUTION, (due_at, done_at)),
            (SATISFACTION, _satisfying(due_at, done_at, dossier.unsatisfied_at)),
        )
    )


def _satisfying(
    due_at: datetime | None, done_at: datetime | None, unsatisfied_at: datetime | None
) -> tuple[datetime | None, datetime | None]:
    """Satisfying is what was handled in time and not complained of: a complaint undoes what was done in time."""
    if due_at is None or unsatisfied_at is None:
        return due_at, done_at
    if done_at is not None and done_at < due_at:
        return unsatisfied_at, None
    return min(due_at, unsatisfied_at), done_at


def _counts(dossier: DossierState, *measures: Measure) -> tuple[Occurred, ...]:
    """All shares are of the dossiers received in the same time."""
    at: datetime | None = dossier.received_at
    return () if at is None else tuple(Occurred(measure, dossier.code, dossier.unit, at) for measure in measures)


def _fee_charged(dossier: DossierFeeCharged) -> tuple[Occurred, ...]:
    return _counts(dossier, FEE_CHARGED)


def _paid(dossier: DossierPaid) -> tuple[Occurred, ...]:
    return _counts(dossier, PAID_ONLINE) if dossier.online else ()


def _digitised(dossier: DossierDigitised) -> tuple[Occurred, ...]:
    return _counts(dossier, DIGITISED, *((REUSED,) if dossier.how in _REUSED else ()))


def _finished(dossier: DossierFinished) -> tuple[Occurred, ...]:
    return _counts(dossier, FINISHED, *((ELECTRONIC_RESULT,) if dossier.electronic_result else ()))


DOSSIER = FactSource(
    DossierState,
    duties=(RESOLUTION, SATISFACTION),
    target=_target,
    occurrences=(FEE_CHARGED, PAID_ONLINE, DIGITISED, REUSED, FINISHED, ELECTRONIC_RESULT),
    occurred={
        DossierFeeCharged: _fee_charged,
        DossierPaid: _paid,
        DossierDigitised: _digitised,
        DossierFinished: _finished,
    },
)
