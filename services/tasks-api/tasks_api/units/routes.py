"""HTTP of the directory of units. Who the offices of a city are is public."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role, UnitKind
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import IdempotencyKey, reply, request_digest, respond
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.schemas import Day
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.models import idempotency
from tasks_api.resources import Here
from tasks_api.units import repository, service
from tasks_api.units.domain import Unit
from tasks_api.units.schemas import CODE, UnitIn, UnitOut, UnitPage

router = APIRouter(prefix="/v1/units", tags=["units"])

Code = Annotated[str, Path(max_length=100, pattern=CODE)]
AsOf = Annotated[Day | None, Query(description="The day asked about; today when absent")]
Anyone = Annotated[Principal | None, public()]
Operator = Annotated[Principal, allow(Role.OPERATOR)]


@router.get("", summary="Units valid on a day")
async def list_units(
    here: Here,
    _: Anyone,
    as_of: AsOf = None,
    kind: UnitKind | None = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of the name, with or without marks")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> UnitPage:
    """By code. A unit of the past is found with a day of its time."""
    after = decode_cursor(cursor, str)[0] if cursor else None
    async with here.engine.connect() as conn:
        found = await repository.page(conn, as_of or here.today(), kind=kind, q=q, after=after, limit=limit + 1)
    more = len(found) > limit
    items = [UnitOut.of(entry) for entry in found[:limit]]
    return UnitPage(items=items, next_cursor=encode_cursor(items[-1].code) if more else None)


@router.get("/{code}", summary="The holder of a code")
async def get_unit(here: Here, response: Response, _: Anyone, code: Code, as_of: AsOf = None) -> UnitOut:
    """On that day; without `as_of` the holder of today, else the last one."""
    entry = await service.find(here, code, as_of)
    response.headers["ETag"] = etag(entry.version)
    return UnitOut.of(entry)


@router.put("/{code}", summary="Enter or change a unit", responses={200: {"model": UnitOut}, 201: {"model": UnitOut}})
async def put_unit(
    here: Here, request: Request, caller: Operator, code: Code, body: UnitIn, key: IdempotencyKey = None
) -> Response:
    """The code and the first day name the unit; the same code in another period is another unit."""
    fields = body.model_dump() | {"code": code, "successors": tuple(body.successors)}

    async def work(conn: AsyncConnection) -> Reply:
        [defined] = await service.define(here, conn, [Unit(**fields)])
        headers = {"ETag": etag(defined.entry.version)}
        return reply(201 if defined.created else 200, UnitOut.of(defined.entry), headers)

    answer = await once(
        here.engine, idempotency, caller=caller.sub, key=key, digest=await request_digest(request), work=work
    )
    return respond(answer)
