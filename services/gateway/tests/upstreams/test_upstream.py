"""The places that a service has for requests, and the addresses at which it may stand."""

import pytest

from gateway.upstreams.bounds import Bounds
from gateway.upstreams.faults import Busy
from gateway.upstreams.upstream import Upstream


async def test_each_instance_brings_its_places() -> None:
    upstream = Upstream("tasks", ["http://one:8000", "http://two:8000"], Bounds(in_flight=2))
    for _ in range(4):
        upstream.enter()
    with pytest.raises(Busy):
        upstream.enter()
    upstream.leave()
    upstream.enter()


async def test_without_an_open_connection_no_place_is_taken() -> None:
    upstream = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=1))
    assert upstream.at_hand() is None
    upstream.enter()


@pytest.mark.parametrize("address", ["one:8000", "ftp://one", "http://", "http://one/v1"])
async def test_what_is_no_address_of_a_service_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        Upstream("tasks", [address], Bounds())
