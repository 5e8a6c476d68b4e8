"""Dossiers as they are shown."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from dossiers_api.dossiers.domain import Delivery, Dossier, Key, is_late
from dossiers_api.dossiers.schemas import DossierOut, DossierWithHistory, SaidOut


def dossier(each: Dossier, now: datetime) -> DossierOut:
    """It, as it stands now."""
    shown = msgspec.structs.asdict(each.facts) | {"code": each.code, "version": each.version}
    return DossierOut(
        **{name: shown[name] for name in DossierOut.model_fields if name in shown}, late=is_late(each.facts, now)
    )


def with_history(
    each: Dossier, said: Sequence[Delivery], backwards: Collection[Key], now: datetime
) -> DossierWithHistory:
    """The same with all that was said of it, the oldest first."""
    history = [
        SaidOut(status=one.status, at=one.at, source_status=one.source_status, backwards=one.key in backwards)
        for one in sorted(said, key=lambda one: one.key)
    ]
    return DossierWithHistory(**dossier(each, now).model_dump(), history=history)
