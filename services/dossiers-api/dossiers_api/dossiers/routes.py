"""Dossiers over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, DossierStatus, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.http.schemas import UnitCode
from cchc_shared.service.context import context_of, use
from dossiers_api.dossiers import views
from dossiers_api.dossiers.domain import Dossier
from dossiers_api.dossiers.schemas import DossierCode, DossierPage, DossierWithHistory
from dossiers_api.dossiers.service import Dossiers

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])

Service = Annotated[Dossiers, use(Dossiers)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
AnyCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT, Role.SYSTEM)]


@router.get("", summary="List dossiers", operation_id="dossiers.list")
async def list_(
    request: Request,
    caller: StaffCaller,
    service: Service,
    unit: Annotated[UnitCode | None, Query()] = None,
    status: Annotated[DossierStatus | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DossierPage:
    """Lists dossiers, the newest first. Staff see those of their own unit."""
    if not caller.has(*OVERSIGHT):
        if caller.unit is None or unit not in {None, caller.unit}:
            return DossierPage(items=[], next_cursor=None)
        unit = caller.unit
    after = None if cursor is None else decode_cursor(cursor, datetime, str)
    found = await service.page(unit, status, after, limit + 1)
    now = context_of(request).clock.now()
    shown, more = found[:limit], len(found) > limit
    return DossierPage(
        items=[views.dossier(each, now) for each in shown],
        next_cursor=encode_cursor(shown[-1].sort_at.isoformat(), shown[-1].code) if more else None,
    )


@router.get("/{code}", summary="See a dossier", operation_id="dossiers.get", responses=may_answer(NOT_FOUND))
async def get(request: Request, code: DossierCode, caller: AnyCaller, service: Service) -> DossierWithHistory:
    """Shows a dossier with all that was said of it. Staff see those of their own unit, and a system those of which it
    has said something."""
    found = await service.find(code)
    if found is None or not (caller.has(*OVERSIGHT) or await _is_party(caller, found, service)):
        raise not_found("hồ sơ này", "this dossier")
    said, backwards = await service.history(code)
    return views.with_history(found, said, backwards, context_of(request).clock.now())


async def _is_party(caller: Principal, dossier: Dossier, service: Dossiers) -> bool:
    if caller.has(*UNIT_STAFF) and caller.unit == dossier.facts.unit:
        return True
    return caller.has(Role.SYSTEM) and await service.was_sent_by(caller.sub, dossier.code)
