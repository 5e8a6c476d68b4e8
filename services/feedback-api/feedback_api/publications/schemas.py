"""Response models of the publication of reports."""

from datetime import date
from typing import Literal

from pydantic import Field

from cchc_shared.http.schemas import Out
from cchc_shared.publications.schemas import Correction, FigureChange, Publication, SheetTextOut
from feedback_api.publications.domain import SheetTable


class FiguresOut(Out):
    """Figures under the names and by the definitions of `/v1/statistics/feedback`."""

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    missed: int = Field(description="Of units: reports that they passed on when they were late already; of all: 0")
    on_time_rate: float | None = Field(description="on_time / (on_time + late + overdue_open + missed)")
    satisfied_rate: float | None = Field(description="Share of satisfied ratings; null if nobody has rated")
    reopened: int


class FiguresRowOut(Out):
    """Figures of reports received in the month, and in the year up to its end."""

    code: str | None = Field(description="Null for all reports, and for those without a category")
    name: SheetTextOut
    month: FiguresOut
    year: FiguresOut


class FigureChangeOut(FigureChange):
    """A figure that the former version gave otherwise."""

    table: SheetTable


class PublicationOut(Publication):
    """A published sheet: of the city, or of one unit. Its bytes, and so their hash, never change.

    Units are counted by the time that they had themselves, everything else by what senders were promised.
    """

    publication: Literal["feedback"]
    as_of: date = Field(description="The day at whose end reports stood as they are counted: the last of the month")
    total: FiguresRowOut
    by_channel: list[FiguresRowOut]
    by_kind: list[FiguresRowOut]
    by_category: list[FiguresRowOut]
    by_unit: list[FiguresRowOut] = Field(description="Units with any figure; empty in the sheet of a unit")
    changes: list[FigureChangeOut] = Field(description="Against the former version; empty in the first")


class CorrectionOut(Correction):
    """The new version, and what it changes in the city's sheet."""

    changes: list[FigureChangeOut]
