"""A wait goes on while something moves, and fails when nothing does."""

import itertools

import pytest

from tests.support import waiting
from tests.support.waiting import Watch, until, until_now


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "STALLED_SECONDS", 0.0)
    monkeypatch.setattr(waiting, "STALLED_LOOKS", 5)
    monkeypatch.setattr(waiting, "PAUSES", (0.0, 0.0))


async def test_what_moves_is_waited_for() -> None:
    steps = itertools.count()

    async def step() -> int:
        return next(steps) // 4  # stands still now and then

    assert await until(step, lambda value: value == 100) == 100
    assert until_now(lambda: next(steps), lambda value: value > 500) == 501


async def test_what_does_not_move_fails_with_what_it_was() -> None:
    async def stuck() -> str:
        return "stuck at 7"

    with pytest.raises(AssertionError, match=r"nothing moved.*stuck at 7"):
        await until(stuck, lambda _: False)
    with pytest.raises(AssertionError, match="nothing moved"):
        until_now(lambda: False)


def test_a_slow_machine_gets_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "STALLED_LOOKS", 1000)
    looks = itertools.count()
    assert until_now(lambda: next(looks) > 900), "long by the clock, but hardly looked at"


def test_what_moves_for_ever_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LIMIT_SECONDS", 0.0)
    steps = itertools.count()
    with pytest.raises(AssertionError, match="still not"):
        until_now(lambda: next(steps), lambda _: False)


def test_what_is_waited_for_long_is_looked_at_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSES", (0.02, 0.2))
    now = [100.0]
    monkeypatch.setattr("tests.support.waiting.time.monotonic", lambda: now[0])
    watch, pauses = Watch(), []
    for now[0] in (100.0, 100.1, 101.0, 102.0, 700.0):
        pauses.append(round(watch.pause, 3))
    assert pauses == [0.02, 0.02, 0.1, 0.2, 0.2]
