"""The contracts that a running gateway fetches, what it does while one is missing, and its own document."""

import time

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from cchc_shared.service.operations import operator_app
from gateway.bootstrap import build_app
from gateway.openapi import contracts
from gateway.settings import GatewaySettings
from tests.support.schemas import references
from tests.support.upstreams import OpenGateway, Service, contract_of, eventually, free_port, serving
from tests.support.waiting import until

NOWHERE = f"http://127.0.0.1:{free_port()}"


def test_the_contract_is_merged_from_the_services(gateway: str) -> None:
    merged = httpx.get(f"{gateway}/openapi.json").json()
    assert merged["openapi"] == "3.1.0"
    assert merged["paths"]["/v1/tasks"]["get"]["operationId"] == "tasks.get_0"
    assert {"/livez", "/readyz"} <= merged["paths"].keys()
    assert [tag["name"] for tag in merged["tags"]] == ["tasks", "health"]
    assert merged["servers"] == [{"url": "/", "description": merged["servers"][0]["description"]}]
    assert {"502", "503", "504"} <= merged["paths"]["/v1/tasks"]["get"]["responses"].keys()
    assert not {"502", "504"} & merged["paths"]["/livez"]["get"]["responses"].keys()


def test_a_part_of_the_contract_is_never_given_for_the_whole(open_gateway: OpenGateway) -> None:
    with open_gateway(NOWHERE, feedback_api_url=NOWHERE, upstream_restart_seconds=0.2) as gateway:
        answer = httpx.get(f"{gateway}/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert answer.json()["service"] == "feedback-api, tasks-api"
    assert int(answer.headers["retry-after"]) > 0


async def ready(app: Starlette) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        return await client.get("/readyz")


async def test_the_gateway_is_ready_when_every_service_behind_it_answers() -> None:
    port = free_port()
    scoring = Service("/v1/scores")
    scoring.contract = None
    with serving(Service("/v1/feedback")) as feedback, serving(scoring) as url:
        app = build_app(
            GatewaySettings(
                jwks_url="file:///nowhere",
                environment="embedded",
                tasks_api_url=f"http://127.0.0.1:{port}",
                feedback_api_url=feedback,
                dossiers_api_url=feedback,
                notify_url=feedback,
                scoring_api_url=url,
                upstream_restart_seconds=0.2,
            )
        )
        beside = operator_app(app)

        async def away() -> set[str]:
            """Services that do not answer, as the operator's address says; the public address names none."""
            told, public = await ready(beside), await ready(app)
            assert public.json() == {"ready": public.status_code == 200}
            return {name for name, check in told.json()["checks"].items() if not check["ready"]}

        async with app.router.lifespan_context(app):
            assert "tasks-api" in await away()
            with serving(Service("/v1/tasks"), port):
                await until(away, lambda found: found == {"scoring-api"})
                scoring.contract = contract_of("/v1/scores")
                await until(away, lambda found: found == set())
                scoring.draining = True
                assert await away() == {"scoring-api"}
                scoring.draining = False
            await until(away, lambda found: "tasks-api" in found)


def test_the_events_are_one_document_that_stands_alone(gateway: str) -> None:
    document = httpx.get(f"{gateway}/asyncapi.json").json()
    assert document["asyncapi"] == "3.0.0"
    assert document["servers"]
    assert not [each for each in references(document) if not each.startswith("#/")]


def test_a_path_of_a_missing_contract_is_503_until_it_is_known_never_404(open_gateway: OpenGateway) -> None:
    scoring = Service("/v1/scores")
    scoring.contract = None
    with serving(scoring) as url, open_gateway(url) as gateway:
        for path in ("/v1/scores", "/v1/nowhere"):
            answer = httpx.get(f"{gateway}{path}")
            assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
            assert answer.json()["service"] == "tasks-api"
            assert int(answer.headers["retry-after"]) > 0
        assert httpx.get(f"{gateway}/livez").status_code == 200
        assert httpx.get(f"{gateway}/").status_code == 200
        scoring.contract = contract_of("/v1/scores")
        assert eventually(lambda: httpx.get(f"{gateway}/v1/scores").status_code == 200)
        assert httpx.get(f"{gateway}/v1/nowhere").status_code == 404


def test_a_service_that_is_away_does_not_hold_back_the_others(open_gateway: OpenGateway) -> None:
    with (
        serving(Service("/v1/scores")) as url,
        open_gateway(NOWHERE, scoring_api_url=url, upstream_restart_seconds=60) as gateway,
    ):
        assert httpx.get(f"{gateway}/v1/scores", timeout=8).status_code == 200


@pytest.mark.parametrize("said", [{"paths": []}, {"status": 200}, {"paths": {"/v1/x": 1}}])
def test_what_is_no_contract_is_not_taken_for_one(
    open_gateway: OpenGateway, service: Service, upstream: str, said: object
) -> None:
    impostor = Service()
    impostor.contract = said  # type: ignore[assignment]
    with serving(impostor) as url, open_gateway(upstream, scoring_api_url=url) as gateway:
        assert httpx.get(f"{gateway}/openapi.json").json()["service"] == "scoring-api"
        assert httpx.get(f"{gateway}/v1/tasks").status_code == 200


def test_contracts_are_renewed_and_kept_while_a_service_is_away(
    open_gateway: OpenGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts, "KEPT_SECONDS", 0.05)
    monkeypatch.setattr(contracts, "PAUSE_SECONDS", 0)
    service = Service("/v1/tasks")
    with serving(service) as url, open_gateway(url) as gateway:
        assert httpx.get(f"{gateway}/v1/inspections").status_code == 404
        service.contract = contract_of("/v1/tasks", "/v1/inspections")
        assert eventually(lambda: httpx.get(f"{gateway}/v1/inspections").status_code == 200)
        service.contract = None
        time.sleep(0.2)
        assert httpx.get(f"{gateway}/v1/inspections").status_code == 200


def test_two_services_that_claim_a_path_are_reported_and_the_first_keeps_it(
    open_gateway: OpenGateway, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = Service("/v1/x"), Service("/v1/x")
    with (
        serving(first) as feedback,
        serving(second) as tasks,
        open_gateway(tasks, feedback_api_url=feedback) as gateway,
    ):
        assert httpx.get(f"{gateway}/openapi.json").status_code == 200  # when all contracts are there
        assert httpx.get(f"{gateway}/v1/x").status_code == 200
    assert (first.asked, second.asked) == (1, 0)
    said = capfd.readouterr().out
    assert "path claimed twice" in said
    assert "feedback-api" in said
    assert "tasks-api" in said


def test_the_first_page_speaks_both_languages(gateway: str) -> None:
    page = httpx.get(gateway)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Hệ thống cải cách hành chính" in page.text
    assert "Administrative reform system" in page.text
    assert "http" not in page.text.replace("<!doctype html>", "")


@pytest.mark.parametrize("address", ["ftp://x", "not an address", "http://tasks/api"])
def test_a_wrong_address_of_a_service_is_refused_at_the_start(open_gateway: OpenGateway, address: str) -> None:
    with pytest.raises((ValidationError, ValueError)), open_gateway(address):
        pass


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TASKS_API_URL", "FEEDBACK_API_URL", "DOSSIERS_API_URL", "NOTIFY_URL", "SCORING_API_URL"):
        monkeypatch.setenv(name, f"http://{name.lower().replace('_', '-')}:80")
    monkeypatch.setenv("SCORING_API_URL", "http://scoring-1:80,http://scoring-2:80")
    monkeypatch.setenv("JWKS_URL", "https://issuer/jwks.json")
    monkeypatch.setenv("UPSTREAM_IN_FLIGHT", "7")
    monkeypatch.setenv("TLS_TERMINATED_BY", "proxy")
    settings = GatewaySettings()
    assert settings.service_urls["tasks-api"] == ["http://tasks-api-url/"]
    assert settings.service_urls["scoring-api"] == ["http://scoring-1/", "http://scoring-2/"]
    assert settings.bounds.in_flight == 7
