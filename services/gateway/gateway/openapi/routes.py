"""`/openapi.json`: what can be asked of the door, whoever answers it."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request

from cchc_shared.http.access import Principal, public
from cchc_shared.service.app import openapi_document
from gateway.forwarding.table import OWNERS, prefix_of
from gateway.openapi.merge import Document, merge
from gateway.openapi.sources import Sources

GATEWAY = "gateway"
DESCRIPTION = (
    "Hệ thống cải cách hành chính của thành phố · The city's administrative reform system. "
    "Thông báo lỗi theo RFC 9457, tiếng Việt hoặc tiếng Anh theo `Accept-Language` · "
    "Errors are RFC 9457 problem documents, in Vietnamese or English by `Accept-Language`."
)


def serves(service: str, path: str) -> bool:
    """Whether the door answers this path of a service's document."""
    prefix = prefix_of(path)
    return service == GATEWAY if prefix is None else OWNERS[prefix] == service


def public_document(gateway: FastAPI, services: Mapping[str, Document]) -> dict[str, Any]:
    """The contract of the door: what the services document, as far as it is forwarded, and what the gateway adds."""
    merged = merge({**services, GATEWAY: openapi_document(gateway)}, serves=serves)
    merged["info"] = {"title": "CCHC", "version": "1", "description": DESCRIPTION}
    return merged


def router(sources: Sources) -> APIRouter:
    """The route over these sources."""
    routes = APIRouter(tags=["health"])

    @routes.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request, _: Annotated[Principal | None, public()]) -> dict[str, Any]:
        """OpenAPI 3.1; `x-missing` names the services that have not yet said what they take."""
        merged = public_document(request.app, await sources.documents())
        if missing := sources.missing():
            merged["x-missing"] = missing
        return merged

    return routes
