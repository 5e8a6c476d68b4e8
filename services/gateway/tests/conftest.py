from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from cchc_shared.service.protocol import OwnProtocol
from gateway.bootstrap import build_app
from gateway.settings import GatewaySettings
from tests.support.upstreams import TASKS_AND_FEEDBACK, OpenGateway, Service, serving


@pytest.fixture(scope="session")
def open_gateway() -> Iterator[OpenGateway]:
    """Opens gateways on a real server."""
    with serving(Service()) as elsewhere:

        def opened(upstream: str, **settings: object) -> AbstractContextManager[str]:
            urls = {
                "tasks_api_url": upstream,
                "feedback_api_url": elsewhere,
                "dossiers_api_url": elsewhere,
                "notify_url": elsewhere,
                "scoring_api_url": elsewhere,
            }
            given = {"jwks_url": "file:///nowhere", "environment": "embedded", **urls, **settings}
            return serving(build_app(GatewaySettings.model_validate(given)), http=OwnProtocol)

        yield opened


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Service, str]]:
    service = Service(*TASKS_AND_FEEDBACK)
    with serving(service) as url:
        yield service, url


@pytest.fixture
def service(running: tuple[Service, str]) -> Service:
    """The service behind `upstream` and `gateway`, not asked anything yet."""
    running[0].reset()
    return running[0]


@pytest.fixture(scope="module")
def upstream(running: tuple[Service, str]) -> str:
    return running[1]


@pytest.fixture(scope="module")
def gateway(upstream: str, open_gateway: OpenGateway) -> Iterator[str]:
    """A gateway with its usual bounds in front of `service`."""
    with open_gateway(upstream) as url:
        yield url
