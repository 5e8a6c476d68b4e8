"""Pages of other origins may call the API where the operator named them."""

import httpx
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from gateway.settings import GatewaySettings
from tests.support.upstreams import OpenGateway, Service

APP = "https://app.example"
PREFLIGHT = {"Origin": APP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}


def test_without_a_setting_no_page_may_call(gateway: str, service: Service) -> None:
    assert "access-control-allow-origin" not in httpx.get(f"{gateway}/v1/tasks", headers={"Origin": APP}).headers
    assert "access-control-allow-origin" not in httpx.options(f"{gateway}/v1/tasks", headers=PREFLIGHT).headers


def test_a_named_origin_may_ask_and_read_what_it_needs(
    upstream: str, open_gateway: OpenGateway, service: Service
) -> None:
    with open_gateway(upstream, cors_origins=f"{APP}, http://localhost:5173") as gateway:
        allowed = httpx.options(f"{gateway}/v1/tasks", headers=PREFLIGHT)
        assert (allowed.status_code, service.asked) == (200, 0)
        answer = httpx.get(f"{gateway}/v1/tasks", headers={"Origin": APP})
        refused = httpx.get(f"{gateway}/v1/nowhere", headers={"Origin": APP})
        stranger = httpx.get(f"{gateway}/v1/tasks", headers={"Origin": "https://evil.example"})
    for each in (allowed, answer, refused):
        assert each.headers["access-control-allow-origin"] == APP
        assert "access-control-allow-credentials" not in each.headers
        assert "Origin" in each.headers["vary"]
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Location", "Retry-After"} <= set(exposed.split(", "))
    assert "access-control-allow-origin" not in stranger.headers


def test_a_page_that_may_not_call_is_told_so_and_leaves_a_line(
    upstream: str, open_gateway: OpenGateway, service: Service
) -> None:
    stranger = {**PREFLIGHT, "Origin": "https://evil.example", "Accept-Language": "en"}
    with capture_logs() as logs, open_gateway(upstream, cors_origins=APP) as gateway:
        refused = httpx.options(f"{gateway}/v1/tasks", headers=stranger)
        odd = httpx.options(f"{gateway}/v1/tasks", headers={**PREFLIGHT, "Access-Control-Request-Method": "BREW"})
    for each in (refused, odd):
        assert (each.status_code, each.headers["content-type"]) == (400, "application/problem+json")
        assert each.json()["code"] == "bad-request"
        assert each.headers["cache-control"] == "no-store"
        assert "Origin" in each.headers["vary"]
    assert "may not call" in refused.json()["detail"]
    assert "access-control-allow-origin" not in refused.headers
    assert odd.headers["access-control-allow-origin"] == APP
    assert [line["method"] for line in logs if line["event"] == "request"] == ["OPTIONS", "OPTIONS"]
    assert service.asked == 0


@pytest.mark.parametrize("value", ["app.example", "https://app.example/path", "https://*.example"])
def test_what_is_no_origin_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ValidationError, match="origin"):
        GatewaySettings.model_validate(
            {
                "jwks_url": "file:///none",
                "tasks_api_url": "http://a",
                "feedback_api_url": "http://b",
                "dossiers_api_url": "http://d",
                "notify_url": "http://e",
                "scoring_api_url": "http://c",
                "cors_origins": value,
            }
        )
