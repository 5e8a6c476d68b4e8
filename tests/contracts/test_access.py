"""Deny by default: every route of every service says who may call it, and means it."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from cchc_embedded.contracts import NOWHERE, applications
from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Declaration, Principal, allow, declarations
from cchc_shared.service.app import create_app
from cchc_shared.service.settings import ServiceSettings
from tests.support.tokens import TestTokens

APPS = applications()
OPERATIONS = [(name, declared) for name, app in APPS.items() for declared in declarations(app)]
GUARDED = [(name, declared) for name, declared in OPERATIONS if not declared.anonymous]
PUBLIC = {
    # Asked for by the gateway alone, and not in the contract: a key for its token, and what tokens are checked with.
    "POST /internal/keys/exchange",
    "GET /internal/keys/jwks.json",
    # Gateways alone tell each other there what callers have spent.
    "POST /internal/limits/add",
    "GET /livez",
    "GET /readyz",
    "GET /openapi.json",
    "GET /",
    "GET /docs",
    "GET /docs/{name}",
    "GET /asyncapi.json",
    # Whoever connects a system reads before they have a key.
    "GET /developers",
    "GET /developers/reference",
    "GET /developers/reference/{name}",
    "GET /developers/events",
    "GET /developers/events/{name}",
    "GET /developers/guides/{name}",
    "GET /developers/statuses",
    "GET /developers/check",
    "GET /developers/changelog",
    "GET /developers/static/{name}",
    # A file is judged by rules that are public; nothing of it is kept, and nothing of what is here is told.
    "POST /v1/dossiers/checks",
    # Procedures are public by law.
    "GET /v1/procedures",
    "GET /v1/procedures/{code}",
    "GET /v1/procedure-decisions",
    "GET /v1/statistics/procedures",
    # With the secret of its receipt; without one there is no dossier for a stranger.
    "GET /v1/dossiers/{code}",
    "GET /v1/dossiers/{code}/steps",
    # What the city is made of and when it works is no secret.
    "GET /v1/units",
    "GET /v1/units/export.{form}",
    "GET /v1/units/{code}",
    "GET /v1/calendar/deadline",
    # Calendar programs send no token: they have the secret of a link, or are told that there is nothing.
    "GET /v1/units/{code}/calendar.ics",
    # A citizen without an account may report, and follow the report with its tracking secret.
    "POST /v1/feedback",
    # Zalo's webhook has no token. Its signature is checked, or a token of role `system` is.
    "POST /v1/feedback/channels/zalo",
    "GET /v1/feedback/{code}",
    "GET /v1/feedback/{code}/history",
    "GET /v1/feedback/{code}/clocks",
    # With it they answer what they are asked, and say what they think of the answer.
    "POST /v1/feedback/{code}/actions/supplement",
    "POST /v1/feedback/{code}/actions/rate",
    "POST /v1/feedback/{code}/actions/reopen",
    # With that secret a citizen also sees and corrects what is kept of them; staff of the unit ask by their token.
    "GET /v1/feedback/{code}/reporter",
    "PUT /v1/feedback/{code}/reporter",
    "POST /v1/feedback/{code}/anonymize",
    "GET /v1/feedback/{code}/contact-accesses",
    "GET /v1/feedback/{code}/my-data",
    "GET /v1/places",
    # Before sending: what is open nearby, by rounded places and without words.
    "GET /v1/public/similar",
    # By which key exported points are checked.
    "GET /v1/components/keys",
    # What codes are called, and what is published or seen in the street anyway.
    "GET /v1/vocabulary",
    "GET /v1/public/feedback",
    "GET /v1/public/feedback/{code}",
    # What the city publishes each month is for everyone.
    "GET /v1/publications/feedback",
    "GET /v1/publications/feedback/{month}",
    "GET /v1/publications/feedback/{month}.{form}",
    "GET /v1/publications/feedback/{month}/units/{unit}",
    "GET /v1/publications/feedback/{month}/units/{unit}.{form}",
    "GET /v1/publications/feedback/{month}/postings",
    "GET /v1/publications/dossiers",
    "GET /v1/publications/dossiers/{month}",
    "GET /v1/publications/dossiers/{month}.{form}",
    "GET /v1/publications/dossiers/{month}/units/{unit}",
    "GET /v1/publications/dossiers/{month}/units/{unit}.{form}",
    "GET /v1/publications/dossiers/{month}/postings",
    # The same citizen may add pictures to it, whole or in parts; what was published, everyone may see.
    "GET /v1/feedback/{code}/attachments",
    "POST /v1/feedback/{code}/attachments",
    "GET /v1/feedback/{code}/attachments/{attachment}",
    "GET /v1/feedback/{code}/attachments/{attachment}/thumbnail",
    "OPTIONS /v1/uploads",
    "POST /v1/uploads",
    "GET /v1/uploads/{upload}",
    "PATCH /v1/uploads/{upload}",
    "DELETE /v1/uploads/{upload}",
    # Whoever has the token of a ballot answers; asking who it is would join a person to answers.
    "GET /v1/surveys/{code}/ballot",
    "POST /v1/surveys/{code}/ballot",
    # Open311 has no tokens: whoever sends needs an `api_key`, and whoever asks is told what everyone may know.
    "GET /open311/v2/discovery.{format}",
    "GET /open311/v2/services.{format}",
    "GET /open311/v2/services/{service_code}.{format}",
    "POST /open311/v2/requests.{format}",
    "GET /open311/v2/requests.{format}",
    "GET /open311/v2/requests/{service_request_id}.{format}",
    "GET /open311/v2/tokens/{token}.{format}",
    "GET /open311/v2/servicerequestupdates.{format}",
    "POST /open311/v2/servicerequestupdates.{format}",
    "DELETE /open311/v2/{rest:path}",
    "GET /open311/v2/{rest:path}",
    "PATCH /open311/v2/{rest:path}",
    "POST /open311/v2/{rest:path}",
    "PUT /open311/v2/{rest:path}",
}


class Unopened:
    """Stands for what a service opens: a refused request gets no further than being handed it."""

    def use(self, _: type[object]) -> None:
        return None


def label(operation: tuple[str, Declaration]) -> str:
    return f"{operation[0]} {operation[1].method} {operation[1].path}"


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


@pytest.mark.parametrize("operation", OPERATIONS, ids=label)
def test_every_route_declares_who_may_call_it(operation: tuple[str, Declaration]) -> None:
    assert operation[1].roles is not None


def test_what_is_open_to_everyone_is_meant_to_be() -> None:
    opened = {f"{declared.method} {declared.path}" for _, declared in OPERATIONS if declared.anonymous}
    assert opened <= PUBLIC


def test_an_application_with_a_silent_route_does_not_start() -> None:
    router = APIRouter()

    @router.get("/v1/forgotten")
    async def forgotten() -> None: ...

    with pytest.raises(RuntimeError, match="GET /v1/forgotten"):
        create_app(name="careless", settings=ServiceSettings(**NOWHERE), routers=[router])


def test_a_declaration_without_roles_is_refused() -> None:
    with pytest.raises(ValueError, match="roles"):
        Annotated[Principal, allow()]


@pytest.mark.parametrize("operation", GUARDED, ids=label)
async def test_a_guarded_route_refuses_strangers_and_wrong_roles(
    operation: tuple[str, Declaration], tokens: TestTokens
) -> None:
    name, declared = operation
    app = APPS[name]
    app.state.tokens = tokens.checked()
    app.state.context = Unopened()
    path = declared.path.replace("{", "").replace("}", "")
    async with client(app) as http:
        assert (await http.request(declared.method, path)).status_code == 401
        forged = {"Authorization": "Bearer a.b.c"}
        assert (await http.request(declared.method, path, headers=forged)).status_code == 401
        expired = tokens(roles=declared.roles or (), seconds=-600)
        assert (await http.request(declared.method, path, headers=expired)).status_code == 401
        for role in set(Role) - (declared.roles or set()):
            answer = await http.request(declared.method, path, headers=tokens(roles=[role], unit="so-noi-vu"))
            assert answer.status_code == 403, f"{role} got {answer.status_code}"
            assert answer.headers["content-type"] == "application/problem+json"
