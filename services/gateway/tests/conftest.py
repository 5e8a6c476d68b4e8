from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from gateway.bootstrap import build_app
from gateway.settings import GatewaySettings
from tests.support.upstreams import Door, Service, serving


@pytest.fixture(scope="session")
def door() -> Door:
    """A gateway on a real server in front of one address; yields its own."""

    def opened(upstream: str, **settings: Any) -> AbstractContextManager[str]:
        urls = dict.fromkeys(("tasks_api_url", "feedback_api_url", "scoring_api_url"), upstream)
        given = {"jwks_url": "file:///nowhere", "environment": "embedded", **urls, **settings}
        return serving(build_app(GatewaySettings.model_validate(given)))

    return opened


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Service, str]]:
    service = Service()
    with serving(service) as url:
        yield service, url


@pytest.fixture
def service(running: tuple[Service, str]) -> Service:
    """The service behind `upstream` and `gateway`, with nothing asked of it yet."""
    running[0].reset()
    return running[0]


@pytest.fixture(scope="module")
def upstream(running: tuple[Service, str]) -> str:
    return running[1]


@pytest.fixture(scope="module")
def gateway(upstream: str, door: Door) -> Iterator[str]:
    """A gateway with its usual bounds before `service`."""
    with door(upstream) as url:
        yield url
