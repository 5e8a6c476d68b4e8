"""How many requests a service takes at once is learned from what it refuses."""

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.http.problems import FULL
from gateway.upstreams.bounds import Bounds
from gateway.upstreams.connection import Answer
from gateway.upstreams.faults import Busy
from gateway.upstreams.pace import LEAST, PAUSE_SECONDS, Pace
from gateway.upstreams.upstream import Upstream

MOST = 256
HEARD = st.lists(st.tuples(st.booleans(), st.floats(0, 0.2)), max_size=200)


@given(st.integers(1, MOST), HEARD)
def test_there_are_always_places_and_never_more_than_at_first(most: int, heard: list[tuple[bool, float]]) -> None:
    pace, now = Pace(most), 0.0
    for refused, later in heard:
        now += later
        if refused:
            pace.refused(now)
        else:
            pace.taken()
        assert min(LEAST, most) <= pace.places <= most


@given(st.integers(8, 200))
def test_a_service_that_takes_so_many_is_sent_no_more_than_it_takes_and_seldom_less_than_half(takes: int) -> None:
    """Each turn the gateway sends as many as there are places, and the service refuses what is beyond."""
    pace, seen = Pace(MOST), []
    for turn in range(400):
        sent = int(pace.places)
        for _ in range(min(sent, takes)):
            pace.taken()
        for _ in range(sent - takes):
            pace.refused(turn)
        seen.append(sent)
    later = seen[20:]
    assert max(later) <= takes + 2
    assert min(later) >= takes // 2 - 1


def test_refusals_that_come_together_are_one() -> None:
    pace = Pace(MOST)
    for number in range(50):
        pace.refused(1 + number * PAUSE_SECONDS / 100)
    assert pace.places == MOST / 2


async def test_only_a_service_that_is_full_is_sent_fewer() -> None:
    upstream = Upstream("tasks", ["http://one:8000"], Bounds(in_flight=32))
    upstream.heard(Answer(503, [(b"retry-after", b"1")]))
    assert places(upstream) == 32, "what one request asks for is no affair of the others"
    upstream.heard(Answer(503, [(b"retry-after", b"1"), FULL]))
    assert places(upstream) == 16


def places(upstream: Upstream) -> int:
    """How many requests may be at work at once."""
    for number in range(1000):
        try:
            upstream.enter("")
        except Busy:
            for _ in range(number):
                upstream.leave("")
            return number
    raise AssertionError("without a bound")
