"""Dossiers over HTTP."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, DossierStatus, Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import may_answer
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.http.schemas import UnitCode
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import context_of, use
from dossiers_api.dossiers import views
from dossiers_api.dossiers.domain import Dossier
from dossiers_api.dossiers.schemas import DossierCode, DossierPage, DossierSecret, DossierWithHistory
from dossiers_api.dossiers.service import Dossiers

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"])

Service = Annotated[Dossiers, use(Dossiers)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF, *OVERSIGHT)]
HandlingCaller = Annotated[Principal, allow(*UNIT_STAFF, Role.SYSTEM)]
Anybody = Annotated[Principal | None, public()]


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
async def get(
    request: Request, code: DossierCode, caller: Anybody, service: Service, secret: TrackingSecret = None
) -> DossierWithHistory:
    """Shows a dossier with all that was said of it. Staff see those of their own unit, a system those of which it has
    said something, and anybody that of whose receipt they have the secret (`X-Tracking-Secret`)."""
    found = await visible(caller, code, service, secret)
    said, backwards = await service.history(code)
    return views.with_history(found, said, backwards, context_of(request).clock.now())


@router.post(
    "/{code}/tracking-secrets",
    status_code=201,
    summary="Ask for a secret for a receipt",
    operation_id="dossiers.give_secret",
    responses=may_answer(NOT_FOUND),
)
async def give_secret(code: DossierCode, caller: HandlingCaller, service: Service) -> DossierSecret:
    """Makes a secret that is printed on the applicant's receipt beside the code: with both they see how their dossier
    stands. Each time another one; the ten newest of a dossier hold."""
    await visible(caller, code, service, None)
    return DossierSecret(code=code, tracking_secret=await service.give_secret(code, caller.sub))


async def visible(caller: Principal | None, code: str, service: Dossiers, secret: str | None) -> Dossier:
    """The dossier, if the caller may see it. Raises 404, as for one that does not exist."""
    found = await service.find(code)
    if found is not None and (
        (caller is not None and await _is_party(caller, found, service))
        or (secret is not None and await service.has_secret(code, secret))
    ):
        return found
    raise not_found("hồ sơ này", "this dossier")


async def _is_party(caller: Principal, dossier: Dossier, service: Dossiers) -> bool:
    if caller.has(*OVERSIGHT) or (caller.has(*UNIT_STAFF) and caller.unit == dossier.facts.unit):
        return True
    if not caller.may_speak_of(dossier.facts.unit):
        return False
    return caller.has(Role.SYSTEM) and await service.was_sent_by(caller.sub, dossier.code)
