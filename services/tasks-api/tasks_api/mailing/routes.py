"""Routes of the operator: mailboxes of units, and mails."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.http.etag import IfAsked, show_version
from cchc_shared.service.context import use
from tasks_api.mailing.schemas import MailboxesIn, MailboxesOut, MailOut, MailPage, MailQuery
from tasks_api.mailing.service import Mailing
from tasks_api.units.schemas import CODE

router = APIRouter(tags=["mailing"])

Service = Annotated[Mailing, use(Mailing)]
OperatorCaller = Annotated[Principal, allow(Role.OPERATOR)]
UnitCode = Annotated[str, Path(max_length=100, pattern=CODE)]


@router.get(
    "/v1/units/{code}/mailboxes",
    summary="Read the mailboxes of a unit",
    operation_id="mailboxes.get",
    responses=NOT_MODIFIED,
)
async def get_mailboxes(
    mailing: Service, request: Request, response: Response, _: OperatorCaller, code: UnitCode
) -> MailboxesOut:
    """Shows where those who hold a role in the unit are written to. Addresses are personal data: the operator alone
    sees them."""
    found, tag = await mailing.mailboxes(code)
    show_version(request, response, tag)
    return found


@router.put("/v1/units/{code}/mailboxes", summary="Set the mailboxes of a unit", operation_id="mailboxes.put")
async def put_mailboxes(
    mailing: Service,
    request: Request,
    response: Response,
    _: OperatorCaller,
    code: UnitCode,
    body: MailboxesIn,
    asked: IfAsked,
) -> MailboxesOut:
    """Replaces the mailboxes of the unit by these. What its inbox is told from then on is mailed to them too."""
    found, tag = await mailing.set_mailboxes(code, body, asked)
    show_version(request, response, tag)
    return found


@router.get("/v1/mails", summary="List mails", operation_id="mails.list")
async def list_mails(mailing: Service, _: OperatorCaller, query: Annotated[MailQuery, Query()]) -> MailPage:
    """Lists mails, newest first, without addresses. `state=refused` are those that the server will not take, each with
    what it said."""
    return await mailing.page(query)


@router.post("/v1/mails/{id}/actions/retry", summary="Try a refused mail again", operation_id="mails.retry")
async def retry(
    mailing: Service, _: OperatorCaller, id_: Annotated[int, Path(alias="id", ge=1, lt=1 << 63)]
) -> MailOut:
    """A mail that was given up waits again, and is tried for as long as a new one. Any other mail stays as it is."""
    return await mailing.retry(id_)
