"""What runs beside something ends with it, whatever a cancellation turns into on the way."""

import asyncio

import pytest

from cchc_shared.service import beside


@pytest.fixture(autouse=True)
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0.01)


class Work:
    """Goes on after any error. Its first cancellations become errors, as in a driver at work on a statement."""

    def __init__(self, hidden: int) -> None:
        self.hidden = hidden
        self.begun = asyncio.Event()
        self.ended = False

    async def __call__(self) -> None:
        try:
            while True:
                try:
                    self.begun.set()
                    await self._statement()
                except Exception:  # noqa: BLE001, S110 - as those do that try again
                    pass
        finally:
            self.ended = True

    async def _statement(self) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            if self.hidden:
                self.hidden -= 1
                raise RuntimeError("another operation is in progress") from None
            raise


@pytest.mark.parametrize("hidden", [0, 1, 3])
async def test_a_cancellation_that_became_an_error_is_said_again(hidden: int) -> None:
    work, other = Work(hidden), Work(0)
    async with asyncio.timeout(300):
        async with beside.beside(work(), other()):
            await work.begun.wait()
            await other.begun.wait()
    assert work.ended
    assert other.ended


async def test_an_error_inside_ends_it_too_and_one_beside_does_no_harm() -> None:
    async def fails() -> None:
        raise ZeroDivisionError

    async def breaks() -> None:
        async with beside.beside(work(), fails()):
            await work.begun.wait()
            raise KeyError

    work = Work(1)
    with pytest.raises(KeyError):
        await breaks()
    assert work.ended
