"""Response models of the publication of dossiers."""

from datetime import date
from typing import Literal

from pydantic import Field

from cchc_shared.http.schemas import Out
from cchc_shared.publications.schemas import Correction, FigureChange, Publication, SheetTextOut
from dossiers_api.publications.domain import DossierTable


class DossierFiguresOut(Out):
    """Figures under the names and by the definitions of `/v1/statistics/dossiers`."""

    received: int
    ended: int
    on_time: int = Field(description="Handled in time, or waiting in time for a first supplement")
    late: int = Field(description="Handled late, or asked for too many supplements")
    overdue_open: int = Field(description="Not handled although they were due")
    not_due: int = Field(description="Open, and not due yet")
    undated: int = Field(description="It was not known when they were due")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open)")


class DossierFiguresRowOut(Out):
    """Figures of dossiers received in the month, and in the year up to its end."""

    code: str | None = Field(
        description="Null for all dossiers, and for those whose field is not known; `few`: the fields of few dossiers"
    )
    name: SheetTextOut
    month: DossierFiguresOut
    year: DossierFiguresOut


class DossierFigureChangeOut(FigureChange):
    """A figure that the former version gave otherwise."""

    table: DossierTable


class DossierPublicationOut(Publication):
    """A published sheet: of the city, or of one unit. Its bytes, and so their hash, never change."""

    publication: Literal["dossiers"]
    as_of: date = Field(description="The day at whose end dossiers stood as they are counted: the last of the month")
    total: DossierFiguresRowOut
    by_channel: list[DossierFiguresRowOut]
    by_field: list[DossierFiguresRowOut] = Field(
        description="Fields of few dossiers stand together, without their names. Empty in the sheet of a unit"
    )
    by_unit: list[DossierFiguresRowOut] = Field(description="Units with any figure; empty in the sheet of a unit")
    changes: list[DossierFigureChangeOut] = Field(description="Against the former version; empty in the first")


class DossierCorrectionOut(Correction):
    """The new version, and what it changes in the city's sheet."""

    changes: list[DossierFigureChangeOut]
