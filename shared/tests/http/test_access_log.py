"""One line for each request, from which no person can be told."""

import json
import subprocess
import sys
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from structlog.testing import capture_logs

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.service.app import create_app
from tests.support.contexts import settings
from tests.support.tokens import TestTokens

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
router = APIRouter(tags=["things"])


@router.get("/v1/things/{code}")
async def thing(code: str, _: Annotated[Principal | None, public()], phone: str = "") -> dict[str, str]:
    return {"code": code, "phone": phone}


@router.get("/v1/secrets")
async def secrets(_: Annotated[Principal, allow(Role.OFFICER)]) -> None: ...


@pytest.fixture
def app(tokens: TestTokens) -> FastAPI:
    return create_app(name="some-api", settings=settings(tokens.jwks_url), routers=[router])


async def lines(
    app: FastAPI, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> list[dict[str, Any]]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://some-api") as client:
        with capture_logs() as logs:
            await client.request(method, path, headers=headers)
    return [dict(line) for line in logs if line["event"] == "request"]


async def test_a_line_says_what_was_asked_and_answered(app: FastAPI) -> None:
    (line,) = await lines(app, "/v1/things/PA-1?phone=0912345678", {"traceparent": TRACEPARENT, "X-Request-Id": "my-1"})
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "route": "/v1/things/{code}",
        "status": 200,
        "trace_id": TRACE,
        "request_id": "my-1",
        "caller": "anonymous",
    }


async def test_a_head_is_told_by_the_route_that_answered_it(app: FastAPI) -> None:
    (line,) = await lines(app, "/v1/things/PA-1", method="HEAD")
    assert (line["method"], line["route"], line["status"]) == ("HEAD", "/v1/things/{code}", 200)


async def test_a_caller_is_named_by_its_roles_alone(app: FastAPI, tokens: TestTokens) -> None:
    headers = tokens("nguyen-van-a", ["officer", "unit_head"], "so-noi-vu")
    (line,) = await lines(app, "/v1/secrets", headers)
    assert line["caller"] == "officer+unit_head"
    assert "nguyen-van-a" not in json.dumps(line)
    (refused,) = await lines(app, "/v1/secrets", {"Authorization": "Bearer nonsense"})
    assert (refused["status"], refused["caller"]) == (401, "token")
    (nobody,) = await lines(app, "/v1/secrets")
    assert (nobody["status"], nobody["caller"]) == (401, "anonymous")


@pytest.mark.parametrize("given", ["", "has space", "x" * 129, 'quote"', "a@b.vn", "ă"])
async def test_a_request_id_that_is_no_token_is_replaced(app: FastAPI, given: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://some-api") as client:
        with capture_logs() as logs:
            await client.get(
                "/v1/things/1", headers=[(b"x-request-id", given.encode()), (b"traceparent", TRACEPARENT.encode())]
            )
    (line,) = [line for line in logs if line["event"] == "request"]
    assert line["request_id"] == TRACE


async def test_what_has_no_route_is_logged_without_its_address(app: FastAPI) -> None:
    (line,) = await lines(app, "/v1/nguyen-van-a/0912345678")
    assert (line["route"], line["status"]) == ("unmatched", 404)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_probes_are_not_logged(app: FastAPI, path: str) -> None:
    assert await lines(app, path) == []


PROGRAM = """
import logging, sys
from structlog import get_logger
from cchc_shared.http import access_log
from cchc_shared.service import logs
log = get_logger()
logs.configure("some-api", sys.argv[1])
access_log.write("GET", "/v1/tasks", 200, 0.0015, "00-" + "a" * 32 + "-" + "b" * 16 + "-01", b"", "token")
log.warning("parked", error="chữ")
for name in ("httpx", "uvicorn.error", "aiokafka.consumer", "sqlalchemy.engine", "mine"):
    logging.getLogger(name).info("chatter of %s", name)
    logging.getLogger(name).warning("warning of %s", name)
try:
    raise ValueError("why")
except ValueError:
    log.exception("failed")
"""


def written(level: str) -> list[dict[str, Any]]:
    run = subprocess.run([sys.executable, "-c", PROGRAM, level], capture_output=True, check=True)  # noqa: S603
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_a_process_writes_json_lines_without_the_chatter_of_libraries() -> None:
    found = written("info")
    assert all(line["service"] == "some-api" for line in found)
    events = [line["event"] for line in found]
    assert events[:2] == ["request", "parked"]
    assert [event for event in events if event.startswith("chatter")] == ["chatter of mine"]
    assert len([event for event in events if event.startswith("warning")]) == 5
    assert found[1]["error"] == "chữ"
    assert "ValueError: why" in found[-1]["exception"]


def test_the_level_is_a_setting() -> None:
    assert "request" not in [line["event"] for line in written("warning")]
