"""A service with several instances: they take turns, and one that is gone is passed over."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support.upstreams import OpenGateway, Service, free_port, serving

PATHS = ("/v1/tasks", "/v1/feedback")


@pytest.fixture
def pair() -> Iterator[tuple[Service, Service, str, str]]:
    one, two = Service(*PATHS), Service(*PATHS)
    with serving(one) as first, serving(two) as second:
        yield one, two, first, second


def test_instances_take_turns(open_gateway: OpenGateway, pair: tuple[Service, Service, str, str]) -> None:
    one, two, first, second = pair
    with open_gateway(f"{first}, {second}") as gateway, httpx.Client(base_url=gateway) as client:
        assert {client.get("/v1/tasks").status_code for _ in range(10)} == {200}
    assert one.asked + two.asked == 10
    assert min(one.asked, two.asked) >= 4  # the gateway's own questions take a turn too


def test_an_instance_that_is_gone_costs_no_request(
    open_gateway: OpenGateway, pair: tuple[Service, Service, str, str]
) -> None:
    one, _, first, _ = pair
    gone = f"http://127.0.0.1:{free_port()}"
    with open_gateway(f"{gone},{first}") as gateway, httpx.Client(base_url=gateway) as client:
        assert {client.post("/v1/tasks").status_code for _ in range(6)} == {200}
    assert one.asked == 6


def test_an_instance_that_drains_gets_no_further_request(
    open_gateway: OpenGateway, pair: tuple[Service, Service, str, str]
) -> None:
    one, two, first, second = pair
    with open_gateway(f"{first},{second}") as gateway, httpx.Client(base_url=gateway) as client:
        client.get("/v1/tasks")
        one.draining = True
        for _ in range(2):
            assert client.get("/v1/tasks").status_code == 200
        seen = one.asked
        assert {client.get("/v1/tasks").status_code for _ in range(6)} == {200}
        assert one.asked == seen, "it said that it is leaving"
        assert two.asked >= 6


def test_when_none_is_left_the_service_is_unavailable(
    open_gateway: OpenGateway, pair: tuple[Service, Service, str, str]
) -> None:
    _, _, first, second = pair
    gone = ",".join(f"http://127.0.0.1:{free_port()}" for _ in range(2))
    with open_gateway(gone, upstream_restart_seconds=0.2) as gateway:
        answer = httpx.get(f"{gateway}/v1/tasks", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    with open_gateway(f"{gone},{first},{second}", upstream_restart_seconds=0.2) as gateway:
        assert httpx.get(f"{gateway}/v1/tasks").status_code == 200


@pytest.mark.parametrize("given", ["", "http://a,,http://b", "ftp://a", "http://a/path"])
def test_what_is_no_list_of_addresses_is_refused(open_gateway: OpenGateway, given: str) -> None:
    with pytest.raises(ValueError, match=r"address|URL|scheme"), open_gateway(given):
        pass
