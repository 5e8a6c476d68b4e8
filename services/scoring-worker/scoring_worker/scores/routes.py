"""Scores over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from cchc_shared.contract.codes import Role, UnitKind
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import FieldError, invalid, not_found
from cchc_shared.http.schemas import Day, Instant
from scoring_worker.facts.domain import State
from scoring_worker.facts.repository import START, Place
from scoring_worker.periods import Period, parse
from scoring_worker.resources import Here
from scoring_worker.scores import views
from scoring_worker.scores.schemas import EvidencePage, ScoreList, UnitScore
from scoring_worker.scores.service import Question

router = APIRouter(prefix="/v1/scores", tags=["scores"])

OVERSEERS = (Role.COORDINATOR, Role.SCORING_BOARD, Role.COUNCIL, Role.INSPECTOR, Role.OPERATOR)
Code = Annotated[str, Path(max_length=100)]
Reader = Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD, *OVERSEERS)]


async def _period(
    period: Annotated[str, Query(description="`2024`, `2024-H1`, `2024-Q2` or `2024-05`", max_length=10)],
) -> Period:
    try:
        return parse(period)
    except ValueError as error:
        message = FieldError("query.period", "phải là 2024, 2024-H1, 2024-Q2 hoặc 2024-05", "is not a period")
        raise invalid([message]) from error


async def _question(
    here: Here,
    period: Annotated[Period, Depends(_period)],
    set_code: Annotated[str, Query(alias="set", max_length=50, description="Code of the index set")],
    as_of: Annotated[
        Day | Instant | None, Query(description="An instant, or the end of a local day. Empty: now")
    ] = None,
) -> Question:
    if as_of is not None and not isinstance(as_of, datetime):
        as_of = here.calendar.end_of_day(as_of)
    return Question(set_code, period, as_of)


Asked = Annotated[Question, Depends(_question)]


@router.get("", summary="List scores", response_model=ScoreList)
async def list_scores(_: Reader, here: Here, question: Asked, kind: UnitKind | None = None) -> ScoreList:
    """The live scores of the units that have data in the period, the best first; ranks are within a kind of unit.

    `as_of` in the past answers from what had happened by then; in the future, as if nothing more happened.
    """
    edition, scores = await here.scores.all(question, kind)
    items = [views.item(edition.document.index_set, one) for one in scores]
    return ScoreList.model_validate({**views.about(edition, question), "items": items})


@router.get("/{unit}", summary="Explain a unit's score", response_model=UnitScore)
async def read_score(unit: Code, _: Reader, here: Here, question: Asked) -> UnitScore:
    """The score with its contribution tree: fields, criteria, the rule of each and the numbers that went into it."""
    edition, one, tree = await here.scores.one(unit, question)
    index_set = edition.document.index_set
    return UnitScore.model_validate(
        {**views.about(edition, question), **views.item(index_set, one), "tree": views.tree(index_set, tree)}
    )


@router.get(
    "/{unit}/criteria/{criterion}/evidence", summary="The facts behind a criterion", response_model=EvidencePage
)
async def read_evidence(
    unit: Code,
    criterion: Code,
    caller: Reader,
    here: Here,
    question: Asked,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EvidencePage:
    """Every duty and hand-over that the criterion looks at, in order of due time, with the events that made it so.

    Staff see their own unit's only.
    """
    if not caller.has(*OVERSEERS) and caller.unit != unit:
        raise not_found("đơn vị", "the unit")
    edition, rows = await here.scores.evidence(unit, criterion, question, state, _place(cursor), limit + 1)
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        last = page[-1]
        following = encode_cursor(
            last["ranked_at"].isoformat(), last["aggregate"], last["measure"], last["opened_version"]
        )
    return EvidencePage.model_validate(
        {
            **views.about(edition, question),
            "unit": unit,
            "criterion": criterion,
            "items": [views.evidence(row) for row in page],
            "next_cursor": following,
        }
    )


def _place(cursor: str | None) -> Place:
    if cursor is None:
        return START
    at, aggregate, measure, version = decode_cursor(cursor, str, str, str, int)
    try:
        instant = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        fault = FieldError("query.cursor", "không phải con trỏ của hệ thống này", "is not one of ours")
        raise invalid([fault]) from error
    return Place(instant, aggregate, measure, version)
