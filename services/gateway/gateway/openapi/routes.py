"""`/openapi.json`, merged from the contracts of the services, and `/asyncapi.json`, the events."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final

from fastapi import APIRouter

from cchc_shared.contract.documents import asyncapi
from cchc_shared.http import kinds
from cchc_shared.http.access import Principal, public
from cchc_shared.http.document import describe_problems
from cchc_shared.http.heads import HEADERS_TOO_LARGE
from gateway.limits.problems import CLIENT_RETIRED, QUOTA_EXCEEDED
from gateway.openapi.contracts import Contracts
from gateway.openapi.merge import merge
from gateway.openapi.table import GATEWAY, HEALTH, Document, RouteTable
from gateway.upstreams import faults

DESCRIPTION: Final = (
    "Hệ thống cải cách hành chính của thành phố · The city's administrative reform system. "
    "Thông báo lỗi theo RFC 9457, tiếng Việt hoặc tiếng Anh theo `Accept-Language` · "
    "Errors are RFC 9457 problem documents, in Vietnamese or English by `Accept-Language`."
)
SERVERS: Final = [{"url": "/", "description": "Nơi tài liệu này được đọc · Where this document was read"}]
FORWARDED: Final = (
    *(faults.BAD_GATEWAY, faults.SERVICE_UNAVAILABLE, kinds.SERVICE_TIMEOUT),
    *(HEADERS_TOO_LARGE, QUOTA_EXCEEDED, CLIENT_RETIRED),
)
"""What the gateway may answer in place of a service."""


def public_document(documents: Mapping[str, Document], table: RouteTable) -> dict[str, Any]:
    """The contract of the gateway: what the services document, as far as it is forwarded, and what it answers itself.

    `documents` by service name, the gateway's own among them.
    """
    merged = merge(documents, serves=table.serves)
    merged["info"] = {"title": "CCHC", "version": "1", "description": DESCRIPTION}
    merged["servers"] = SERVERS
    for path, item in merged["paths"].items():
        if not table.serves(GATEWAY, path):
            for operation in item.values():
                describe_problems(operation, FORWARDED)
    return merged


@cache
def _events() -> dict[str, Any]:
    return asyncapi()


def router(contracts: Contracts) -> APIRouter:
    """The routes over these contracts."""
    routes = APIRouter(tags=[HEALTH])

    @routes.get("/openapi.json", include_in_schema=False)
    async def openapi(_: Annotated[Principal | None, public()]) -> dict[str, Any]:
        """OpenAPI 3.1. 503 until the contract of every service is known: a part would pass for the whole."""
        await contracts.complete()
        if contracts.missing:
            raise faults.unavailable(", ".join(contracts.missing))
        return public_document(contracts.documents, contracts.table)

    @routes.get("/asyncapi.json", include_in_schema=False)
    async def events(_: Annotated[Principal | None, public()]) -> dict[str, Any]:
        """AsyncAPI 3: the events that other systems may follow."""
        return _events()

    return routes
