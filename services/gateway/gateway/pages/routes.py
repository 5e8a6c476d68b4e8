"""The landing page."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from cchc_shared.http.access import Principal, public

router = APIRouter()
_LANDING = (Path(__file__).parent / "landing.html").read_text(encoding="utf-8")


@router.get("/", include_in_schema=False, response_class=HTMLResponse)
async def landing(_: Annotated[Principal | None, public()]) -> HTMLResponse:
    """What runs here, in Vietnamese and English."""
    return HTMLResponse(_LANDING, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})
