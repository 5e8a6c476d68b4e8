"""Routes of protocols that others defined."""

from pathlib import Path
from typing import Annotated

import httpx
from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from cchc_shared.http.access import Principal, public
from cchc_shared.http.document import openapi_document
from cchc_shared.http.foreign import ForeignRoute
from cchc_shared.service.app import create_app
from cchc_shared.service.http_settings import HttpSettings


class Words(ForeignRoute):
    def refusal(self, request: Request, error: Exception) -> Response:
        return PlainTextResponse(type(error).__name__, 418)


router = APIRouter(route_class=Words, tags=["foreign"])


@router.get("/foreign")
async def foreign(_: Annotated[Principal | None, public()], number: Annotated[int, Query(le=9)] = 0) -> int:
    return 10 // number


async def test_what_is_unknown_is_ignored_and_every_error_is_worded_by_the_route(tmp_path: Path) -> None:
    app = create_app(name="x", settings=HttpSettings(jwks_url=f"file://{tmp_path}/none"), routers=[router])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        for query, answered in (
            ("number=5&unknown=1&unknown=&empty", (200, "2")),
            ("number=12", (418, "RequestValidationError")),
            ("number=0", (418, "ZeroDivisionError")),
        ):
            answer = await client.get(f"/foreign?{query}")
            assert (answer.status_code, answer.text) == answered
        broken = await client.get("/foreign?number=5", headers={"Authorization": "Basic x"})
        assert (broken.status_code, broken.text) == (418, "Problem")
    operation = openapi_document(app)["paths"]["/foreign"]["get"]
    assert operation["responses"].keys() == {"200", "default"}
