"""Clients that were written for other cities: the Python library `three`, and what FixMyStreet sends and reads."""

import asyncio
import builtins
import importlib
import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import pytest
import requests
from requests.adapters import BaseAdapter

from cchc_shared.calendar.clock import FixedClock

from ..conftest import People, Service
from .conftest import ANSWERED, APP, STEPS, Open311

T = TypeVar("T")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$")
"""What FixMyStreet's adapter takes for a time (open311-adapter, Endpoint/Schema.pm)."""


class ToService(BaseAdapter):
    """Carries what the library `requests` made to the service in this process, byte for byte."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._service = service
        self._loop = loop

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        headers: dict[str, Any] = dict(request.headers)
        body: Any = request.body
        asked = self._service.client.request(request.method or "GET", str(request.url), headers=headers, content=body)
        given = asyncio.run_coroutine_threadsafe(asked, self._loop).result(timeout=60)
        answer = requests.Response()
        answer.status_code = given.status_code
        answer.headers.update(given.headers)
        answer.raw = BytesIO(given.content)
        return answer

    def close(self) -> None: ...


@pytest.fixture
def three(service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], T]], Any]:
    """Runs a call on a client of the library beside the event loop."""
    # It was written for Python 2, and this is the one name that Python 3 lacks.
    monkeypatch.setattr(itertools, "ifilter", builtins.filter, raising=False)
    core = importlib.import_module("three.core")

    async def run(call: Callable[[Any], T]) -> T:
        client = core.Three("http://feedback/open311/v2", api_key=APP, jurisdiction="hanoi.vn")
        client.session.mount("http://", ToService(service, asyncio.get_running_loop()))
        return await asyncio.to_thread(call, client)

    return run


async def test_three_finds_its_way(three: Callable[[Callable[[Any], Any]], Any]) -> None:
    discovery = await three(lambda client: client.discovery())
    assert discovery["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    services = await three(lambda client: client.services())
    assert "lighting" in {each["service_code"] for each in services}
    definition = await three(lambda client: client.services("flooding"))
    assert definition["service_code"] == "flooding"
    (created,) = await three(
        lambda client: client.post(
            "lighting", address="12 phố Huế", name="Bình Nguyễn", phone="0912345678", description="Đèn đường hỏng"
        )
    )
    code = created["service_request_id"]
    (found,) = await three(lambda client: client.request(code))
    assert (found["description"], found["address"]) == ("Đèn đường hỏng", "12 phố Huế")
    assert [each["service_request_id"] for each in await three(lambda client: client.requests())] == [code]
    assert [each["service_request_id"] for each in await three(lambda client: client.requests("lighting"))] == [code]
    assert await three(lambda client: client.requests(between=["11-01-2026", "11-18-2026"], count=5)) == []
    (pending,) = await three(lambda client: client.post("other", lat=21.02, long=105.8, description="Khác"))
    (token,) = await three(lambda client: client.token(pending["token"]))
    assert token["service_request_id"] != code
    (error,) = await three(lambda client: client.post("lighting", description="ở đâu?"))
    assert error["code"] == 400


REPORT = {
    "jurisdiction_id": "hanoi",
    "api_key": APP,
    "service_code": "lighting",
    "lat": "21.028511",
    "long": "105.804817",
    "email": "binh@example.org",
    "phone": "",
    "first_name": "Bình",
    "last_name": "Nguyễn",
    "description": "Đèn hỏng\r\n\r\nTối ba đêm liền\r\n\r\nhttps://fms.example/report/17",
    "media_url": "https://fms.example/photo/17.jpeg",
    "attribute[fixmystreet_id]": "17",
    "attribute[easting]": "588123",
    "attribute[northing]": "2325789",
    "attribute[title]": "Đèn hỏng",
}
"""As perllib/Open311.pm of FixMyStreet builds it."""


async def test_fixmystreet_sends_polls_and_tells(open311: Open311, people: People, clock: FixedClock) -> None:
    send = open311.client.post
    answer = await send("/open311/v2/requests.xml", data=REPORT)
    code = ET.fromstring(answer.content).findtext("request/service_request_id")  # noqa: S314 - our own
    assert answer.is_success
    assert code is not None
    again = await send("/open311/v2/requests.xml", data=REPORT)  # it lost the answer
    assert (again.is_success, code in again.text) == (True, True)
    seen: dict[str, str] = {}
    for version, action in enumerate((*ANSWERED, "publish"), 1):
        clock.advance(timedelta(minutes=3))
        who, body = STEPS[action]
        assert (await open311.service.act(code, action, people[who], version, body)).status_code == 200
        since, until = clock.now() - timedelta(minutes=6), clock.now()  # windows overlap
        window = {"start_date": f"{since:%Y-%m-%dT%H:%M:%SZ}", "end_date": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        polled = await open311.client.get(
            "/open311/v2/servicerequestupdates.xml", params={**window, "jurisdiction_id": "hanoi", "api_key": APP}
        )
        for update in ET.fromstring(polled.content):  # noqa: S314 - our own
            at = update.findtext("updated_datetime", "")
            assert INSTANT.fullmatch(at)
            seen.setdefault(update.findtext("update_id", ""), update.findtext("status", ""))
    assert list(seen.values()) == ["investigating", "in_progress", "closed", "closed"]
    remark = {
        "jurisdiction_id": "hanoi",
        "api_key": APP,
        "service_request_id": code,
        "update_id": "905",
        "status": "OPEN",
        "updated_datetime": "2026-11-18T09:20:00+07:00",
        "description": "Đèn lại tắt",
        "title": "MR",
        "email": "binh@example.org",
        "first_name": "Bình",
        "last_name": "Nguyễn",
        "public_anonymity_required": "TRUE",
        "email_alerts_requested": "FALSE",
        "service_code": "lighting",
        "attribute[fixmystreet_id]": "17",
    }
    told = await send("/open311/v2/servicerequestupdates.xml", data=remark)
    assert ET.fromstring(told.content).findtext("request_update/update_id") == "905"  # noqa: S314 - our own
    twice = await send("/open311/v2/servicerequestupdates.xml", data=remark, headers={"Accept-Language": "en-GB"})
    assert (twice.status_code, "already exists" in twice.text) == (400, True)


async def test_fixmystreet_sends_pictures_as_files_only_to_those_who_take_them(open311: Open311) -> None:
    files = {"photo1": ("a.jpeg", b"\xff\xd8\xff", "image/jpeg")}
    answer = await open311.client.post("/open311/v2/requests.xml", data=REPORT, files=files)
    assert answer.status_code == 400
    assert ET.fromstring(answer.content).findtext("error/code") == "400"  # noqa: S314 - our own


async def test_fixmystreet_gets_a_batch_request_by_its_token(open311: Open311) -> None:
    fields = {**REPORT, "service_code": "other"}
    first = await open311.client.post("/open311/v2/requests.xml", data=fields)
    token = ET.fromstring(first.content).findtext("request/token")  # noqa: S314 - our own
    again = await open311.client.post("/open311/v2/requests.xml", data=fields)
    assert ET.fromstring(again.content).findtext("request/token") == token  # noqa: S314 - our own
    polled = await open311.client.get(f"/open311/v2/tokens/{token}.xml")
    assert ET.fromstring(polled.content).findtext("request/service_request_id", "").startswith("PA-")  # noqa: S314
