"""The pages of `/developers`."""

from pathlib import Path
from typing import Annotated, Final

from anyio import to_thread
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

from cchc_shared.contract import national_portal
from cchc_shared.http.access import Principal, public
from gateway.developers.guides import GUIDES, changelog, guide
from gateway.developers.library import Library, all_events
from gateway.developers.pages import page
from gateway.openapi.contracts import Contracts

_STATIC: Final = Path(__file__).parent / "static"
_FILES: Final = frozenset(each.name for each in _STATIC.iterdir())
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}

Anyone = Annotated[Principal | None, public()]


router = APIRouter(prefix="/developers", include_in_schema=False, default_response_class=HTMLResponse)
"""The pages that need no contract of a service. Functions run beside the event loop: forwarding does not wait."""


@router.get("")
def start(_: Anyone) -> HTMLResponse:
    """From no key to the first dossier."""
    return _answer(page("start", guides=_guides()))


@router.get("/events")
def events(_: Anyone) -> HTMLResponse:
    """All events."""
    return _answer(page("events", events=all_events()[1]))


@router.get("/events/{name}")
def event(name: str, _: Anyone) -> HTMLResponse:
    """One kind of event."""
    schemas, found = all_events()
    said = next((each for each in found if each.name == name), None)
    if said is None:
        raise HTTPException(404)
    return _answer(page("event", event=said, schemas=[schemas[each] for each in said.schemas]))


@router.get("/guides/{name}")
def one_guide(name: str, _: Anyone) -> HTMLResponse:
    """A guide; the table of problems is one of them."""
    if name not in GUIDES:
        raise HTTPException(404)
    return _answer(page("guide", guide=guide(name)))


@router.get("/statuses")
def statuses(_: Anyone) -> HTMLResponse:
    """The words of the national portal, and ours."""
    return _answer(page("statuses", portal=national_portal))


@router.get("/check")
def check(_: Anyone) -> HTMLResponse:
    """A file of deliveries is judged by dossiers-api; it is not kept."""
    return _answer(page("check"))


@router.get("/changelog")
def changes(_: Anyone) -> HTMLResponse:
    """What changed."""
    return _answer(page("guide", guide=changelog()))


@router.get("/static/{name}")
def part(name: str, _: Anyone) -> Response:
    """What the pages are made of."""
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(_STATIC / name, headers={"Cache-Control": "no-cache"})


def reference_router(contracts: Contracts) -> APIRouter:
    """The pages over these contracts."""
    routes = APIRouter(prefix="/developers", include_in_schema=False, default_response_class=HTMLResponse)
    library = Library(contracts)

    @routes.get("/reference")
    async def reference(_: Anyone) -> HTMLResponse:
        """All operations by area."""
        found = await library.reference()
        return _answer(await to_thread.run_sync(lambda: page("reference", areas=found.areas)))

    @routes.get("/reference/{name}")
    async def operation(name: str, _: Anyone) -> HTMLResponse:
        """One operation, and a form to try it."""
        found = await library.reference()
        if name not in found.operations:
            raise HTTPException(404)
        said = found.operations[name]
        schemas = [found.schemas[each] for each in said.schemas]
        return _answer(await to_thread.run_sync(lambda: page("operation", operation=said, schemas=schemas)))

    return routes


def _answer(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers=_HEADERS)


def _guides() -> list[tuple[str, str]]:
    """Name and title of each guide."""
    return [(name, guide(name).title) for name in GUIDES]
