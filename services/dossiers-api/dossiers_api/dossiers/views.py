"""Dossiers as they are shown."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from dossiers_api.dossiers.domain import Delivery, Dossier, Facts, Key, is_late
from dossiers_api.dossiers.schemas import DossierOut, DossierWithHistory, DueBy, SaidOut


def dossier(each: Dossier, now: datetime) -> DossierOut:
    """It, as it stands now."""
    shown = msgspec.structs.asdict(each.facts) | {"code": each.code, "version": each.version}
    return DossierOut(
        **{name: shown[name] for name in DossierOut.model_fields if name in shown},
        due_by=_due_by(each.facts),
        late=is_late(each.facts, now),
    )


def _due_by(facts: Facts) -> DueBy | None:
    if facts.due_at is None:
        return None
    return DueBy.PROCEDURE if facts.appointment_at is None else DueBy.APPOINTMENT


def with_history(
    each: Dossier, said: Sequence[Delivery], backwards: Collection[Key], now: datetime
) -> DossierWithHistory:
    """The same with all that was said of it, the oldest first."""
    history = [
        SaidOut(status=one.status, at=one.at, source_status=one.source_status, backwards=one.key in backwards)
        for one in sorted(said, key=lambda one: one.key)
    ]
    return DossierWithHistory(**dossier(each, now).model_dump(), history=history)
