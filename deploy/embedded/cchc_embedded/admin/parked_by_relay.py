"""Events that the broker refused: the relay has no API, so its tables are asked directly."""

import asyncio
import getpass
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from cchc_embedded.admin.place import Refused, opened, password
from cchc_embedded.installation import Installation
from cchc_embedded.provision import OWNERS, url_for
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import parking
from cchc_shared.stream.classification import Reason

MOST = 1000


def listed(here: Installation) -> Sequence[Row[Any]]:
    """The oldest, at most `MOST`."""
    with opened(here) as admin_url:
        return asyncio.run(_listed(_url(here, admin_url)))


def act(here: Installation, action: parking.Act, *, event: int | None, of: Reason, why: str) -> int:
    """Act on one event, or on all that wait for one reason; on how many. The act keeps the name of who types it."""
    with opened(here) as admin_url:
        return asyncio.run(_act(_url(here, admin_url), action, event, of, why))


async def _listed(url: str) -> Sequence[Row[Any]]:
    engine = create_engine(url, pool_size=1)
    try:
        async with engine.connect() as conn:
            return await parking.page(conn, aggregate="", after=0, limit=MOST)
    finally:
        await engine.dispose()


async def _act(url: str, action: parking.Act, event: int | None, of: Reason, why: str) -> int:
    engine, me = create_engine(url, pool_size=1), f"make:{getpass.getuser()}"
    try:
        async with engine.begin() as conn:
            if event is None:
                return await parking.act_on_all(
                    conn,
                    "discard" if action == "discard" else "retry",
                    because=of,
                    error_prefix="",
                    done_by=me,
                    reason=why,
                    limit=MOST,
                )
            if await parking.act(conn, event, action, done_by=me, reason=why) is None:
                raise Refused(f"404: không có sự kiện · there is no parked event {event}")
            return 1
    finally:
        await engine.dispose()


def _url(here: Installation, admin_url: str) -> str:
    role = OWNERS["relay"]
    return url_for(admin_url, role, password(here, role))
