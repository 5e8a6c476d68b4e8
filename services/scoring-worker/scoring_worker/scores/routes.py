"""Scores over HTTP."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, UnitKind
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.http.schemas import NO_NUL, DayOrInstant
from cchc_shared.service.context import context_of, use
from cchc_shared.service.exports import export
from scoring_worker.facts.domain import FactState
from scoring_worker.facts.repository import START, Place
from scoring_worker.periods import Period, parse
from scoring_worker.scores import views
from scoring_worker.scores.schemas import EvidencePage, ScoreList, ScoreSheet, UnitScore
from scoring_worker.scores.service import Scores, ScoresQuery
from scoring_worker.scores.sheets import SCORES
from scoring_worker.scoring.schemas import PERIOD

router = APIRouter(prefix="/v1/scores", tags=["scores"])

Code = Annotated[str, Path(max_length=100, pattern=NO_NUL)]
ReadingCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
Service = Annotated[Scores, use(Scores)]


async def period_of(
    period: Annotated[
        str,
        Query(
            description="Year, half-year, quarter or month: `2024`, `2024-H1`, `2024-Q2` or `2024-05`",
            max_length=7,
            pattern=PERIOD,
        ),
    ],
) -> Period:
    return parse(period)


async def _query(
    request: Request,
    period: Annotated[Period, Depends(period_of)],
    set_code: Annotated[str, Query(alias="set", max_length=50, pattern=NO_NUL, description="Code of the index set")],
    as_of: Annotated[
        DayOrInstant | None, Query(description="An instant, or a local day, which means its last moment; now if absent")
    ] = None,
    known_at: Annotated[
        DayOrInstant | None,
        Query(
            description="Only what was written down by then counts: what was known, where `as_of` is what was true. "
            "Without `as_of` that time is meant as well"
        ),
    ] = None,
) -> ScoresQuery:
    known = None if known_at is None else _instant(request, known_at)
    return ScoresQuery(set_code, period, known if as_of is None else _instant(request, as_of), known)


def _instant(request: Request, given: date | datetime) -> datetime:
    """A day means its last moment: what becomes late, or begins, at its end was not so on that day."""
    if isinstance(given, datetime):
        return given
    return context_of(request).calendar.end_of_day(given) - datetime.resolution


GivenQuery = Annotated[ScoresQuery, Depends(_query)]


@router.get("", summary="List scores", operation_id="scores.list", responses=may_answer(NOT_FOUND))
async def list_scores(_: ReadingCaller, scores: Service, query: GivenQuery, kind: UnitKind | None = None) -> ScoreList:
    """Lists the current scores of the units that the set is for, the best first; those of which too little is known
    come after the ranked ones, and those without any data last. Ranks are within one kind of unit.

    With `as_of` in the past, only what had happened by then counts. With `as_of` in the future, nothing more happens.
    """
    edition, found = await scores.all(query, kind)
    items = [views.item(edition.document.index_set, one) for one in found]
    return ScoreList.model_validate({**views.header(edition, query), "items": items})


async def _sheet(_: ReadingCaller, scores: Service, query: GivenQuery, kind: UnitKind | None = None) -> ScoreSheet:
    edition, found = await scores.all(query, kind)
    return ScoreSheet.model_validate({"items": [views.line(edition, query, one) for one in found]})


export(router, _sheet, SCORES, resource="scores")


@router.get("/{unit}", summary="Explain a unit's score", operation_id="scores.get")
async def get_score(unit: Code, _: ReadingCaller, scores: Service, query: GivenQuery) -> UnitScore:
    """Shows the score of a unit as a tree of fields and criteria, each with its rule and the numbers behind it."""
    return UnitScore.model_validate(views.explained(await scores.one(unit, query), query))


@router.get(
    "/{unit}/criteria/{criterion}/evidence", summary="List the facts behind a criterion", operation_id="scores.evidence"
)
async def list_evidence(
    unit: Code,
    criterion: Code,
    caller: ReadingCaller,
    scores: Service,
    query: GivenQuery,
    state: FactState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EvidencePage:
    """Lists every duty and occurrence that the criterion counts, with the events that caused it.

    Duties are sorted by due time, occurrences by the time they happened. Staff see only the evidence of their own unit.
    """
    if not caller.has(*OVERSIGHT) and caller.unit != unit:
        raise not_found("đơn vị", "the unit")
    edition, rows = await scores.evidence(unit, criterion, query, state, _place(cursor), limit + 1)
    return EvidencePage.model_validate(
        {
            **views.header(edition, query),
            "unit": unit,
            "criterion": criterion,
            "items": [views.evidence(row) for row in rows[:limit]],
            "next_cursor": _cursor(rows[limit - 1]) if len(rows) > limit else None,
        }
    )


def _cursor(row: dict[str, Any]) -> str:
    return encode_cursor(row["ranked_at"].isoformat(), row["aggregate"], row["measure"], row["opened_version"])


def _place(cursor: str | None) -> Place:
    if cursor is None:
        return START
    at, aggregate, measure, version = decode_cursor(cursor, str, str, str, int)
    try:
        instant = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid_cursor() from error
    return Place(instant, aggregate, measure, version)
