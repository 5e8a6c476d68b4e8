"""No caller is admitted more than its policy says, none pays for another, and what is said of a standing is true."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.buckets import Buckets
from gateway.limits.rules import Policy

POLICIES = st.builds(Policy, quota=st.integers(1, 50), seconds=st.integers(1, 120))
GAPS = st.lists(st.sampled_from([0.0, 0.001, 0.1, 1.0, 2.5, 30.0]) | st.floats(0, 10), max_size=80)


@given(POLICIES, GAPS, st.lists(st.sampled_from("abc"), min_size=80, max_size=80))
def test_in_no_time_a_caller_gets_more_than_its_quota_and_what_came_back(
    policy: Policy, gaps: list[float], who: list[str]
) -> None:
    buckets, now, admitted = Buckets(policy), 1_000.0, dict[str, list[float]]()
    for gap, caller in zip(gaps, who, strict=False):
        now += gap
        if buckets.take(caller, now).admitted:
            admitted.setdefault(caller, []).append(now)
    for times in admitted.values():
        for first, begin in enumerate(times):
            for more, end in enumerate(times[first:], start=1):
                assert more <= policy.quota + (end - begin) * policy.quota / policy.seconds + 1e-3


@given(POLICIES, GAPS)
def test_who_keeps_to_the_pace_is_never_refused(policy: Policy, gaps: list[float]) -> None:
    buckets, now = Buckets(policy), 0.0
    for gap in gaps:
        now += policy.seconds / policy.quota + gap
        assert buckets.take("a", now).admitted


@given(POLICIES, GAPS)
def test_what_is_left_is_admitted_at_once_and_nothing_beyond(policy: Policy, gaps: list[float]) -> None:
    buckets, now = Buckets(policy), 5.0
    for gap in gaps:
        now += gap
        buckets.take("a", now)
    empty = buckets.is_empty("a", now)
    standing = buckets.take("a", now)
    assert standing.admitted != empty
    for left in range(standing.left - 1, -1, -1):
        standing = buckets.take("a", now)
        assert (standing.admitted, standing.left) == (True, left)
    refused = buckets.take("a", now)
    assert (refused.admitted, refused.left) == (False, 0)
    assert not buckets.take("a", now + refused.seconds * 0.99 - 1e-3).admitted or refused.seconds < 1e-2
    assert buckets.take("a", now + refused.seconds).admitted


@given(st.lists(st.integers(0, 9), max_size=200))
def test_the_one_that_asked_longest_ago_is_forgotten(callers: list[int]) -> None:
    buckets = Buckets(Policy(quota=1000, seconds=3600), most=4)
    for caller in callers:
        buckets.take(str(caller), 0.0)
    assert len(buckets) == min(4, len(set(callers)))
    newest = list(dict.fromkeys(reversed(callers)))[:4]
    for caller in newest:  # those that are remembered have less than all of it
        assert buckets.take(str(caller), 0.0).left < 999
        assert len(buckets) <= 4


@given(st.integers(1, 20), st.integers(0, 20), st.integers(0, 20))
def test_what_others_let_a_caller_do_counts_here_too(here: int, elsewhere: int, meanwhile: int) -> None:
    buckets = Buckets(Policy(quota=100, seconds=100), shared=True)
    for _ in range(here):
        buckets.take("a", 0.0)
    assert buckets.hand_out() == {"a": here}
    for _ in range(meanwhile):
        buckets.take("a", 0.0)
    buckets.learn("a", float(here + elsewhere), 0.0)
    assert buckets.take("a", 0.0).left == 99 - here - elsewhere - meanwhile
    assert buckets.hand_out() == {"a": meanwhile + 1}


def test_nobody_is_in_debt_for_longer_than_two_windows() -> None:
    buckets = Buckets(Policy(quota=10, seconds=10), shared=True)
    buckets.learn("a", 1e9, 0.0)
    assert not buckets.take("a", 10.0).admitted
    assert buckets.take("a", 11.0).admitted
