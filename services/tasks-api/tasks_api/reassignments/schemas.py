"""Request and response models of reassignments."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from cchc_shared.http.paging import Cursor, Limit
from cchc_shared.http.schemas import In, Out, UnitCode, bounded
from tasks_api.reassignments.domain import MOST_ROWS, Outcome, Row, Seat, Why, Work


class ReassignmentRowIn(In):
    """Where the work of a unit that ended goes; with `work`, `plan`, `source` or `words`, only what fits them all."""

    from_unit: UnitCode = Field(description="Code of the unit that ended")
    to_unit: UnitCode | None = Field(description="Code of its heir; null: of nobody, and the assigning unit decides")
    work: Work | None = None
    plan: Annotated[str, bounded(200, min_length=1)] | None = Field(default=None, description="Code of a plan")
    source: Annotated[str, bounded(500, min_length=1)] | None = Field(
        default=None, description="Words of the task's source, with or without marks"
    )
    words: Annotated[str, bounded(500, min_length=1)] | None = Field(
        default=None, description="Words that stand together in title, product or question, with or without marks"
    )


class ReassignmentIn(In):
    """The mapping of a merger. Of several rows that fit a piece of work the first counts; where none does, its unit's
    only successor in the directory."""

    document_no: Annotated[str, bounded(300, min_length=1)] = Field(description="Number of the legal document")
    reason: Annotated[str, bounded(2000, min_length=1)] = Field(description="Stands in the history of all that moves")
    rows: list[ReassignmentRowIn] = Field(default=[], max_length=MOST_ROWS)

    def all(self) -> list[Row]:
        return [Row(**each.model_dump()) for each in self.rows]


class OutcomeQuery(In):
    """A page of what becomes of the work, all of it or only what moves or waits."""

    outcome: Literal["moved", "waiting"] | None = None
    cursor: Cursor = None
    limit: Limit = 50


class PreviewQuery(OutcomeQuery):
    dry_run: bool = Field(default=False, description="Show what would become of the work, and change nothing")


class WaitingQuery(In):
    """Filters of what stands with units that ended."""

    work: Work | None = None
    from_unit: UnitCode | None = None
    cursor: Cursor = None
    limit: Limit = 50


class CountOut(Out):
    """How many seats went from one unit to another, or wait, and why."""

    work: Work
    from_unit: str
    to_unit: str | None
    why: Why | None
    count: int


class OutcomeOut(Out):
    """One seat: what `from_unit` was to the work until its last day, `to_unit` is now, unless it waits."""

    work: Work
    code: str
    seat: Seat
    from_unit: str
    from_until: date
    to_unit: str | None
    why: Why | None

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(**outcome._asdict())


class ReassignmentOut(Out):
    """A preview, or a run and how far it has come. `counts` are of all, `items` are a page."""

    id: int | None = Field(description="null for a preview")
    state: Literal["preview", "running", "done"]
    document_no: str
    reason: str
    started_at: datetime | None
    finished_at: datetime | None
    moved: int
    waiting: int
    counts: list[CountOut]
    items: list[OutcomeOut]
    next_cursor: str | None


class WaitingOut(Out):
    """A seat of open work with a unit that ended."""

    work: Work
    code: str
    seat: Seat
    from_unit: str
    from_until: date
    successors: list[str] = Field(description="Units of today that the directory names as its successors")
    why: Why | None = Field(description="null: it has one successor, and moves with the next run")


class WaitingPage(Out):
    items: list[WaitingOut]
    next_cursor: str | None


def totals(counts: Sequence[CountOut]) -> tuple[int, int]:
    """Seats that moved, and seats that wait."""
    moved = sum(each.count for each in counts if each.to_unit is not None)
    return moved, sum(each.count for each in counts) - moved
