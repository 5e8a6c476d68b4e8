"""Routes of the directory of units. Everyone may read which offices a city has."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role, UnitKind
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.answers import stable
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfAsked, etag, show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.schemas import Day, bounded
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from tasks_api.units.schemas import CODE, HeadOut, HeadsIn, HeadsOut, UnitIn, UnitOut, UnitPage
from tasks_api.units.service import UNIT_PERIOD_OVERLAPS, Units, tag_of
from tasks_api.units.sheets import UNITS

router = APIRouter(prefix="/v1/units", tags=["units"])

Service = Annotated[Units, use(Units)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
AsOf = Annotated[Day | None, Query(description="Show the units as of this day; today if absent")]
AnyCaller = Annotated[Principal | None, public()]
KNOWN_TO_ALL = stable(60)
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]


@router.get("", summary="List the units valid on a day", operation_id="units.list", dependencies=[KNOWN_TO_ALL])
async def list_(
    units: Service,
    _: AnyCaller,
    as_of: AsOf = None,
    kind: UnitKind | None = None,
    q: Annotated[
        Annotated[str, bounded(100, min_length=1)] | None,
        Query(description="Part of the name or of another name in use, with or without diacritics"),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> UnitPage:
    """Lists units by code. To find a unit of the past, give a day on which it existed."""
    after = decode_cursor(cursor, str)[0] if cursor else None
    found = await units.page(as_of, kind=kind, q=q, after=after, limit=limit + 1)
    items = [UnitOut.of(row) for row in found[:limit]]
    return UnitPage(items=items, next_cursor=encode_cursor(items[-1].code) if len(found) > limit else None)


export(router, list_, UNITS, resource="units")


@router.get("/{code}", summary="Read a unit", dependencies=[KNOWN_TO_ALL], responses=NOT_MODIFIED)
async def get(
    units: Service, request: Request, response: Response, _: AnyCaller, code: Code, as_of: AsOf = None
) -> UnitOut:
    """Shows the unit that has the code on that day. Without `as_of`, it is the unit that has the code today or had it
    last. `successors` of a unit that has ended took over from it; a 404 for a later day names those of that day."""
    row = await units.find(code, as_of)
    show_version(request, response, row.tag)
    return UnitOut.of(row)


@router.put(
    "/{code}",
    summary="Add or change a unit",
    responses={200: {"model": UnitOut}, 201: {"model": UnitOut}, **may_answer(UNIT_PERIOD_OVERLAPS)},
)
async def put(
    units: Service,
    request: Request,
    caller: OperatorCaller,
    code: Code,
    body: UnitIn,
    asked: IfAsked,
    key: IdempotencyKey = None,
) -> Response:
    """Adds or changes a unit. Its code and first day identify it: the same code in another period is another unit."""
    digest = await request_digest(request)
    return respond(await units.put(body.unit(code), asked, caller=caller, key=key, digest=digest))


@router.get("/{code}/head", summary="Read who heads a unit", operation_id="units.head")
async def head(units: Service, _: StaffCaller, code: Code, as_of: AsOf = None) -> HeadOut:
    """Shows the accountable head of the unit on that day, for staff only. 404 where nobody is named for the day."""
    return HeadOut.of(await units.head(code, as_of))


@router.get("/{code}/heads", summary="List who headed a unit", operation_id="units.heads", responses=NOT_MODIFIED)
async def heads(units: Service, request: Request, response: Response, _: StaffCaller, code: Code) -> HeadsOut:
    """Lists the heads that units with this code had, by first day, for staff only."""
    found = await units.heads(code)
    show_version(request, response, tag_of(found))
    return HeadsOut(unit=code, heads=[HeadOut.of(each) for each in found])


@router.put("/{code}/heads", summary="Say who headed a unit", operation_id="units.put_heads")
async def put_heads(
    units: Service, response: Response, _: OperatorCaller, code: Code, body: HeadsIn, asked: IfAsked
) -> HeadsOut:
    """Makes these all the heads of the code: who is not in the list is gone. The same list again changes nothing."""
    found = await units.put_heads(code, body.all(), asked)
    response.headers["ETag"] = etag(tag_of(found))
    return HeadsOut(unit=code, heads=[HeadOut.of(each) for each in found])
