"""Seals again what other keys have sealed, page by page, each in a transaction of its own."""

from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from feedback_api.reports.contacts import BrokenSeal, ContactCipher, Seal
from feedback_api.rotation import repository

PAGE: Final = 500


class Rotated(NamedTuple):
    """What one rotation did, and how many seals there are now by the id of their key."""

    sealed_again: int
    unreadable: int
    by_key: dict[str, int]


async def rotate(engine: AsyncEngine, cipher: ContactCipher) -> Rotated:
    """Seal everything under the first key. What no key opens stays as it is.

    It may be stopped and started at any time: what it did is done. A page is locked for as long as it takes to seal it.
    """
    done = unreadable = 0
    after = ""
    while True:
        async with engine.begin() as conn:
            page = await repository.under_others(conn, cipher.key_id, after, PAGE)
            if not page:
                return Rotated(done, unreadable, await repository.count(conn))
            again: dict[str, Seal] = {}
            for code, seal in page:
                try:
                    again[code] = cipher.seal(code, cipher.open(code, seal))
                except BrokenSeal:
                    unreadable += 1
            if again:
                await repository.replace(conn, again)
        done += len(again)
        after = page[-1][0]
