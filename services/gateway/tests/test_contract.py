"""What the door says about itself: the merged contract, the first page, settings."""

import httpx
import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings
from tests.support.upstreams import Door, free_port


def test_the_contract_is_merged_from_the_services(gateway: str) -> None:
    merged = httpx.get(f"{gateway}/openapi.json").json()
    assert merged["openapi"] == "3.1.0"
    assert merged["paths"]["/v1/tasks"]["get"]["operationId"] == "tasks-api.list"
    assert {"/livez", "/readyz", "/metrics"} <= merged["paths"].keys()
    assert "x-missing" not in merged


def test_services_that_are_away_are_named(door: Door) -> None:
    with door(f"http://127.0.0.1:{free_port()}") as gateway:
        merged = httpx.get(f"{gateway}/openapi.json").json()
    assert merged["x-missing"] == ["feedback-api", "scoring-api", "tasks-api"]
    assert "/livez" in merged["paths"]


def test_the_first_page_speaks_both_languages(gateway: str) -> None:
    page = httpx.get(gateway)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Hệ thống cải cách hành chính" in page.text
    assert "Administrative reform system" in page.text
    assert "http" not in page.text.replace("<!doctype html>", "")


@pytest.mark.parametrize("address", ["ftp://x", "not an address", "http://tasks/api"])
def test_a_wrong_address_of_a_service_is_told_at_the_start(door: Door, address: str) -> None:
    with pytest.raises((ValidationError, ValueError)), door(address):
        pass


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TASKS_API_URL", "FEEDBACK_API_URL", "SCORING_API_URL"):
        monkeypatch.setenv(name, f"http://{name.lower().replace('_', '-')}:80")
    monkeypatch.setenv("JWKS_URL", "https://issuer/jwks.json")
    monkeypatch.setenv("UPSTREAM_IN_FLIGHT", "7")
    settings = GatewaySettings()
    assert settings.service_urls["tasks-api"] == "http://tasks-api-url/"
    assert settings.bounds.in_flight == 7
