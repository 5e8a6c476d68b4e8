"""The places that a service has for requests, and the addresses at which it may stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstreams.bounds import Bounds
from gateway.upstreams.faults import Busy
from gateway.upstreams.upstream import Upstream


async def test_each_instance_brings_its_places() -> None:
    upstream = Upstream("tasks", ["http://one:8000", "http://two:8000"], Bounds(in_flight=2))
    for _ in range(4):
        upstream.enter("")
    with pytest.raises(Busy):
        upstream.enter("")
    upstream.leave("")
    upstream.enter("")


async def test_without_an_open_connection_no_place_is_taken() -> None:
    upstream = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=1))
    assert upstream.at_hand("") is None
    upstream.enter("")


@pytest.mark.parametrize("address", ["one:8000", "ftp://one", "http://", "http://one/v1"])
async def test_what_is_no_address_of_a_service_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not the address"):
        Upstream("tasks", [address], Bounds())


async def test_nobody_holds_more_places_than_are_free() -> None:
    upstream = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=8))
    for _ in range(4):
        upstream.enter("flood")
    with pytest.raises(Busy):
        upstream.enter("flood")
    upstream.enter("other")
    upstream.enter("other")
    with pytest.raises(Busy):
        upstream.enter("other")
    upstream.enter("third")
    for name, held in (("flood", 4), ("other", 2), ("third", 1)):
        for _ in range(held):
            upstream.leave(name)
    for _ in range(4):
        upstream.enter("third")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60))
async def test_there_is_always_a_place_for_who_has_none_until_all_are_taken(steps: list[tuple[str, bool]]) -> None:
    upstream, held = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=16)), dict.fromkeys("abcd", 0)
    for caller, leaves in steps:
        if leaves and held[caller]:
            upstream.leave(caller)
            held[caller] -= 1
            continue
        free = 16 - sum(held.values())
        if held[caller] < free:
            upstream.enter(caller)
            held[caller] += 1
        else:
            with pytest.raises(Busy):
                upstream.enter(caller)


async def test_under_pressure_nobody_gets_a_second_place() -> None:
    upstream = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=8))
    upstream.enter("one", pressed=True)
    with pytest.raises(Busy):
        upstream.enter("one", pressed=True)
    upstream.enter("two", pressed=True)
    upstream.leave("one")
    upstream.enter("one", pressed=True)
