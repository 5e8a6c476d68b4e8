"""Dossiers on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.http.schemas import Out, bounded

DossierCode = Annotated[str, bounded(60, min_length=1)]


class DueBy(StrEnum):
    """By what a dossier is due: by what the applicant was told, else by the time that the procedure allows."""

    APPOINTMENT = "appointment"
    PROCEDURE = "procedure"


class SaidOut(Out):
    """One thing that was said of a dossier."""

    status: DossierStatus
    at: datetime
    source_status: str | None = Field(description="The status in the sender's own words")
    backwards: bool = Field(description="By other deliveries it cannot have been so then: nothing follows from it")


class DossierOut(Out):
    """A dossier. Who applied, and for what, is not known here."""

    code: str
    procedure: str
    field: str | None
    unit: str
    channel: DossierChannel
    status: DossierStatus
    at: datetime = Field(description="When it took that status")
    received_at: datetime | None
    appointment_at: datetime | None
    due_at: datetime | None = Field(description="First instant at which it is late, put off by waits")
    due_by: DueBy | None = Field(description="By what it is due; absent where neither is known")
    requests: int = Field(description="How often the applicant was asked for a supplement")
    waiting_since: datetime | None = Field(description="Since when a supplement is awaited")
    late_from: datetime | None = Field(description="From then on it is late by itself: asked too often")
    ended_at: datetime | None
    late: bool | None = Field(
        description="Whether it is late, or ended late; absent where it is not known when it is due"
    )
    fee_charged: bool
    paid_online: bool | None
    digitisation: Digitisation | None
    electronic_result: bool | None
    satisfied: bool | None
    version: int


class DossierWithHistory(DossierOut):
    history: list[SaidOut]


class DossierPage(Out):
    items: list[DossierOut]
    next_cursor: str | None


class DossierSecret(Out):
    """A secret of a dossier, for the receipt that the applicant gets."""

    code: str
    tracking_secret: str = Field(description="It is never shown again; another one can be asked for")
