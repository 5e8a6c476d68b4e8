"""When failing events are no events' fault."""

import pytest

from cchc_shared.stream.systemic import DOUBT_SECONDS, Judge, Systemic


class Watch:
    """A clock that stands until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def failing(count: int, kind: str = "TypeError", start: int = 0) -> dict[str, str]:
    return {f"task:{number}": kind for number in range(start, start + count)}


def test_a_few_among_many_park_at_once() -> None:
    judge = Judge()
    judge.hear(1000, failing(3))
    judge.hear(2, failing(1))
    judge.hear(0, {})


def test_most_of_many_that_fail_alike_are_no_accident() -> None:
    with pytest.raises(Systemic, match="51 of 100 aggregates fail with TypeError"):
        Judge().hear(100, failing(51))
    Judge().hear(100, failing(50))
    Judge().hear(100, {**failing(30), **failing(30, "ValueError", 30)})


def test_where_nothing_succeeds_others_are_waited_for_and_then_it_parks() -> None:
    watch = Watch()
    judge = Judge(monotonic=watch)
    with pytest.raises(Systemic, match="nothing succeeds yet"):
        judge.hear(1, failing(1))
    watch.now += DOUBT_SECONDS
    judge.hear(1, failing(1))


def test_one_that_succeeds_ends_the_doubt() -> None:
    judge = Judge(monotonic=Watch())
    with pytest.raises(Systemic):
        judge.hear(1, failing(1))
    judge.hear(2, failing(1))
    with pytest.raises(Systemic):
        judge.hear(1, failing(1))


def test_small_batches_add_up_while_nothing_succeeds() -> None:
    watch = Watch()
    judge = Judge(monotonic=watch)
    with pytest.raises(Systemic):
        judge.hear(1, failing(1))
    watch.now += DOUBT_SECONDS
    for number in range(19):
        judge.hear(1, failing(1, start=number))
    with pytest.raises(Systemic, match="20 aggregates fail with TypeError"):
        judge.hear(1, failing(1, start=19))
    judge.hear(5, failing(1))
    with pytest.raises(Systemic, match="yet"):
        judge.hear(1, failing(1, start=19))


def test_it_can_be_told_to_park_whatever_fails() -> None:
    Judge(0).hear(100, failing(100))
