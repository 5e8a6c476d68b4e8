"""When failing events are no events' fault."""

import pytest

from cchc_shared.stream.systemic import Systemic, judge


def failing(count: int, kind: str = "TypeError", start: int = 0) -> dict[str, str]:
    return {f"task:{number}": kind for number in range(start, start + count)}


def test_a_few_among_many_park_at_once() -> None:
    judge(1000, 997, failing(3))
    judge(2, 1, failing(1))
    judge(0, 0, {})
    judge(1, 1, {})


def test_most_of_many_that_fail_alike_are_no_accident() -> None:
    with pytest.raises(Systemic, match="51 of 100 aggregates fail with TypeError"):
        judge(100, 49, failing(51))
    judge(100, 50, failing(50))
    judge(100, 40, {**failing(30), **failing(30, "ValueError", 30)})


@pytest.mark.parametrize("count", [1, 2, 19, 20])
def test_where_nothing_succeeds_nothing_parks_however_few_fail(count: int) -> None:
    with pytest.raises(Systemic, match=f"nothing succeeds: TypeError, {count} of {count} aggregates"):
        judge(count, 0, failing(count))


def test_an_earlier_event_of_the_same_aggregate_that_succeeds_counts() -> None:
    judge(1, 1, failing(1))


def test_what_succeeded_since_vouches_for_the_system_but_not_for_many() -> None:
    judge(1, 0, failing(1), vouched=True)
    with pytest.raises(Systemic, match="51 of 100"):
        judge(100, 0, failing(51), vouched=True)


def test_it_can_be_told_to_park_whatever_fails() -> None:
    judge(100, 0, failing(100), enough=0)
