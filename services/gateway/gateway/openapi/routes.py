"""`/openapi.json`: the contract of the gateway, merged from those of the services."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter

from cchc_shared.http.access import Principal, public
from gateway.openapi.contracts import Contracts
from gateway.openapi.merge import merge
from gateway.openapi.table import HEALTH, Document, Table

DESCRIPTION = (
    "Hệ thống cải cách hành chính của thành phố · The city's administrative reform system. "
    "Thông báo lỗi theo RFC 9457, tiếng Việt hoặc tiếng Anh theo `Accept-Language` · "
    "Errors are RFC 9457 problem documents, in Vietnamese or English by `Accept-Language`."
)


def public_document(documents: Mapping[str, Document], table: Table) -> dict[str, Any]:
    """The contract of the gateway: what the services document, as far as it is forwarded, and what it answers itself.

    `documents` by service name, the gateway's own among them.
    """
    merged = merge(documents, serves=table.serves)
    merged["info"] = {"title": "CCHC", "version": "1", "description": DESCRIPTION}
    return merged


def router(contracts: Contracts) -> APIRouter:
    """The route over these contracts."""
    routes = APIRouter(tags=[HEALTH])

    @routes.get("/openapi.json", include_in_schema=False)
    async def openapi(_: Annotated[Principal | None, public()]) -> dict[str, Any]:
        """OpenAPI 3.1; `x-missing` names the services whose contract is not known yet."""
        await contracts.complete()
        merged = public_document(contracts.documents, contracts.table)
        if contracts.missing:
            merged["x-missing"] = contracts.missing
        return merged

    return routes
