"""What holds for the service as a whole: its settings, its callers, its contract, its worker."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.settings import StorageSettings
from cchc_shared.http.access import declarations
from cchc_shared.http.document import openapi_document
from feedback_api.bootstrap import build_app, build_worker
from feedback_api.metadata import idempotency
from feedback_api.settings import FeedbackSettings
from tests.support.tokens import TestTokens

from .conftest import CONTACT_KEY, PROFILE, Service

SHORT = base64.b64encode(bytes(16)).decode()
MADE_UP = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize("key", ["", "short", SHORT, MADE_UP, f"{CONTACT_KEY},{CONTACT_KEY}"])
def test_without_a_proper_key_nothing_starts(key: str) -> None:
    with pytest.raises(ValidationError, match="CCHC_CONTACT_KEY"):
        FeedbackSettings(
            database_url="postgresql://x", jwks_url="file:///x", CCHC_PROFILE=PROFILE, CCHC_CONTACT_KEY=key
        )


def test_only_these_routes_need_no_token(settings: FeedbackSettings) -> None:
    anonymous = {(found.method, found.path) for found in declarations(build_app(settings)) if found.anonymous}
    assert anonymous == {
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/openapi.json"),
        ("POST", "/v1/feedback"),
        ("POST", "/v1/feedback/channels/zalo"),  # by its signature, or by a token after all
        ("GET", "/v1/feedback/{code}"),
        ("GET", "/v1/feedback/{code}/history"),
        ("GET", "/v1/feedback/{code}/clocks"),
        ("GET", "/v1/feedback/{code}/reporter"),
        ("PUT", "/v1/feedback/{code}/reporter"),
        ("POST", "/v1/feedback/{code}/anonymize"),
        ("GET", "/v1/feedback/{code}/contact-accesses"),
        ("GET", "/v1/feedback/{code}/my-data"),
        ("GET", "/v1/places"),
        ("GET", "/v1/public/similar"),
        ("GET", "/v1/publications/feedback"),
        ("GET", "/v1/publications/feedback/{month}"),
        ("GET", "/v1/publications/feedback/{month}.{form}"),
        ("GET", "/v1/publications/feedback/{month}/units/{unit}"),
        ("GET", "/v1/publications/feedback/{month}/units/{unit}.{form}"),
        ("GET", "/v1/publications/feedback/{month}/postings"),
        ("GET", "/v1/vocabulary"),
        ("GET", "/v1/public/feedback"),
        ("GET", "/v1/public/feedback/{code}"),
        *(("POST", f"/v1/feedback/{{code}}/actions/{action}") for action in ("supplement", "rate", "reopen")),
        ("GET", "/v1/feedback/{code}/attachments"),
        ("POST", "/v1/feedback/{code}/attachments"),
        ("GET", "/v1/feedback/{code}/attachments/{attachment}"),
        ("GET", "/v1/feedback/{code}/attachments/{attachment}/thumbnail"),
        ("OPTIONS", "/v1/uploads"),
        ("POST", "/v1/uploads"),
        ("GET", "/v1/uploads/{upload}"),
        ("PATCH", "/v1/uploads/{upload}"),
        ("DELETE", "/v1/uploads/{upload}"),
        ("GET", "/open311/v2/discovery.{format}"),
        ("GET", "/open311/v2/services.{format}"),
        ("GET", "/open311/v2/services/{service_code}.{format}"),
        ("POST", "/open311/v2/requests.{format}"),
        ("GET", "/open311/v2/requests.{format}"),
        ("GET", "/open311/v2/requests/{service_request_id}.{format}"),
        ("GET", "/open311/v2/tokens/{token}.{format}"),
        ("GET", "/open311/v2/servicerequestupdates.{format}"),
        ("POST", "/open311/v2/servicerequestupdates.{format}"),
        ("DELETE", "/open311/v2/{rest:path}"),
        ("GET", "/open311/v2/{rest:path}"),
        ("PATCH", "/open311/v2/{rest:path}"),
        ("POST", "/open311/v2/{rest:path}"),
        ("PUT", "/open311/v2/{rest:path}"),
    }


async def test_old_keys_are_purged(service: Service, settings: FeedbackSettings, clock: FixedClock) -> None:
    async with service.here.engine.begin() as conn:
        await conn.execute(
            insert(idempotency),
            [
                {"caller": "x", "key": "old", "digest": b"", "created_at": datetime(2020, 1, 1, tzinfo=UTC)},
                {"caller": "x", "key": "new", "digest": b"", "created_at": datetime.now(UTC)},
            ],
        )
    app = build_worker(settings, clock)
    async with app.router.lifespan_context(app), asyncio.timeout(30):
        while len(kept := await service.rows(select(idempotency.c.key))) > 1:
            clock.advance(timedelta(hours=1))
            await asyncio.sleep(0.05)
    assert [row.key for row in kept] == ["new"]


def test_the_worker_needs_no_contact_key(settings: FeedbackSettings) -> None:
    given = settings.model_dump(include=set(StorageSettings.model_fields), by_alias=True)
    assert build_worker(StorageSettings(**given)).state.name == "feedback-worker"


async def test_operators_list_parked_events(service: Service, tokens: TestTokens) -> None:
    operator = tokens(sub="operator-1", roles=["operator"])
    answer = await service.client.get("/v1/parked-events/feedback", headers=operator)
    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_operations_have_names_that_clients_can_use(settings: FeedbackSettings) -> None:
    document = openapi_document(build_app(settings))
    names = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert names >= {
        "feedback.submit",
        "feedback.list",
        "feedback.get",
        "feedback.history",
        "feedback.clocks",
        "feedback.return",
        "feedback.return_many",
        "statistics.feedback",
    }
    assert "Receipt" in document["components"]["schemas"]
