"""The reference of the API as a page to read and to try, made of the contract by Swagger UI without another host.

The files of Swagger UI (Apache 2.0) come with the package `fastapi-offline`.
"""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from cchc_shared.http.access import Principal, public

router = APIRouter(include_in_schema=False)

_OWN: Final = Path(__file__).parent
_FILES: Final = {
    "swagger-ui-bundle.js": Path(str(files("fastapi_offline") / "static")),
    "swagger-ui.css": Path(str(files("fastapi_offline") / "static")),
    "reference.js": _OWN,
}
_PAGE: Final = (_OWN / "reference.html").read_text(encoding="utf-8")
# Swagger UI writes styles into its elements, and draws its icons from data: addresses.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@router.get("/docs", response_class=HTMLResponse)
async def reference(_: Annotated[Principal | None, public()]) -> HTMLResponse:
    """The page itself."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/docs/{name}")
async def part(name: str, _: Annotated[Principal | None, public()]) -> Response:
    """What the page is made of."""
    folder = _FILES.get(name)
    if folder is None:
        raise HTTPException(404)
    return FileResponse(folder / name, headers={"Cache-Control": "public, max-age=86400"})
