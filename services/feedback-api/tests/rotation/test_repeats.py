"""What was sent before the key was changed is known again as long as that key is one of the list."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from cchc_shared.calendar.clock import FixedClock
from feedback_api.bootstrap import build_app
from feedback_api.reports.contacts import ContactCipher
from feedback_api.reports.models import feedback
from feedback_api.rotation.service import rotate
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess

from ..conftest import People, Service
from .test_rotation import NEW

Serving = Callable[..., AbstractAsyncContextManager[Service]]
FORM = {"api_key": "app-key", "service_code": "lighting", "lat": "21.02", "long": "105.8", "description": "Đèn hỏng"}
SENT = {"channel_ref": "HL-7", "content": "Đèn hỏng", "reporter": {"phone": "0912345678"}}


@pytest.fixture
def serving(settings: FeedbackSettings, clock: FixedClock) -> Serving:
    """Starts the service anew, under these keys."""

    @asynccontextmanager
    async def run(*keys: bytes) -> AsyncIterator[Service]:
        listed = ",".join(base64.b64encode(key).decode() for key in keys)
        given = settings.model_dump(by_alias=True) | {"CCHC_CONTACT_KEY": listed}
        app = build_app(FeedbackSettings.model_validate(given), clock)
        async with app.router.lifespan_context(app):
            transport = InProcess(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
                yield Service(client, app.state.context)

    return run


async def post(service: Service, fields: dict[str, Any]) -> tuple[int, Any]:
    answer = await service.client.post("/open311/v2/requests.json", data=fields)
    return answer.status_code, answer.json()[0]


@pytest.mark.parametrize("naming", [{"attribute[fixmystreet_id]": "17"}, {"device_id": "D-1"}, {"email": "a@b.vn"}])
async def test_a_form_of_before_is_the_same_request(
    service: Service, settings: FeedbackSettings, serving: Serving, naming: dict[str, str]
) -> None:
    fields = {**FORM, **naming}
    _, first = await post(service, fields)
    async with serving(NEW, *settings.keys) as later:
        await rotate(later.here.engine, ContactCipher([NEW, *settings.keys]))
        for _ in range(2):
            status, again = await post(later, fields)
            assert (status in {200, 201}, again) == (True, first)
        status, _ = await post(later, fields | {"description": "Cây đổ"})
        assert status == (400 if "attribute[fixmystreet_id]" in naming else 201)
    assert await service.rows(select(func.count()).select_from(feedback)) == [(1 + (status == 201),)]


async def test_other_attributes_under_one_number_are_other_content(
    service: Service, settings: FeedbackSettings, serving: Serving
) -> None:
    fields = {**FORM, "attribute[fixmystreet_id]": "17", "attribute[pole]": "HK-1"}
    await post(service, fields)
    async with serving(NEW, *settings.keys) as later:
        assert (await post(later, fields))[0] == 200
        for changed in ({"attribute[pole]": "HK-2"}, {"media_url": "https://p/1"}, {"phone": "0912345678"}):
            assert (await post(later, fields | changed))[0] == 400


async def test_a_token_of_before_finds_its_request(
    service: Service, settings: FeedbackSettings, serving: Serving
) -> None:
    _, given = await post(service, {**FORM, "service_code": "other"})
    path = f"/open311/v2/tokens/{given['token']}.json"
    async with serving(NEW, *settings.keys) as later:
        assert (await later.client.get(path)).json()[0]["service_request_id"].startswith("PA-")
    async with serving(NEW) as last:
        assert (await last.client.get(path)).status_code == 404


async def test_an_id_of_a_channel_has_the_content_of_before(
    service: Service, settings: FeedbackSettings, serving: Serving, people: People
) -> None:
    first = (await service.post(SENT, **people["system"])).json()["code"]
    async with serving(NEW, *settings.keys) as later:
        again = await later.post(SENT, **people["system"])
        assert (again.status_code, again.json()["code"]) == (200, first)
        for changed in ({"content": "Cây đổ"}, {"reporter": {"phone": "0987654321"}}):
            other = await later.post(SENT | changed, **people["system"])
            assert (other.status_code, other.json()["code"]) == (409, "channel-ref-conflict")
    async with serving(NEW) as last:  # its key is gone: it can be compared with nothing
        again = await last.post(SENT, **people["system"])
        assert (again.status_code, again.json()["code"]) == (200, first)
