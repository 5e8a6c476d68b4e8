"""The command line of a rebuild: the same for every service that follows events."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.service import gc_tuning, logs
from cchc_shared.service.consuming import outbox_source, source_factory
from cchc_shared.service.rebuild.comparison import Difference, LogIncomplete
from cchc_shared.service.rebuild.plan import RebuildPlan
from cchc_shared.service.rebuild.replay import LogTooShort, stored
from cchc_shared.service.rebuild.service import RebuildRunning, TablesBusy, Targets, rebuild, search_rebuilt
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.archive import ArchiveDamaged
from cchc_shared.stream.archived import ArchiveMissing
from cchc_shared.stream.postgres import current_positions
from cchc_shared.stream.record import Position, Slot, Source

REFUSED = 2
"""Exit code of a rebuild that did nothing; 1 says that rows differ."""


async def run(
    name: str,
    settings: ServiceSettings,
    plan: RebuildPlan,
    topics: Sequence[str],
    *,
    swapping: bool = False,
    accepting_loss: bool = False,
    from_outbox: bool = False,
) -> list[Difference]:
    """One rebuild with the settings of the live service, from its transport or from the producers' outboxes."""
    live = create_engine(settings.database_url, pool_size=3, application=name)
    beside = create_engine(settings.database_url, pool_size=4, application=name)
    search_rebuilt(beside, plan.schema)
    source: Callable[[], Source] = source_factory(settings, beside, topics=topics, consumer=name)
    target: Targets = stored
    if from_outbox:
        source, target = outbox_source(beside, topics, settings.archive_dir), partial(_newest, live, topics)
    try:
        return await rebuild(
            plan,
            live,
            beside,
            source,
            clock=settings.clock,
            target=target,
            swapping=swapping,
            accepting_loss=accepting_loss,
        )
    finally:
        await live.dispose()
        await beside.dispose()


async def _newest(live: AsyncEngine, topics: Sequence[str], _: AsyncConnection) -> Mapping[Slot, Position]:
    return await current_positions(live, topics)


def main(module: str, name: str, settings: ServiceSettings, plan: RebuildPlan, topics: Sequence[str]) -> int:
    """Print every row that differs. Returns 0 if none does, 1 if some do, `REFUSED` if nothing was rebuilt."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("--swap", action="store_true", help="put the rebuilt rows in the place of the live ones")
    parser.add_argument(
        "--accept-loss", action="store_true", help="swap even though the log does not give all there is"
    )
    parser.add_argument("--from", choices=["outbox"], dest="origin", help="read the producers' outboxes, not Kafka")
    asked = parser.parse_args()
    gc_tuning.keep_what_is_there()
    logs.configure(name, settings.log_level)
    try:
        found = asyncio.run(
            run(
                name,
                settings,
                plan,
                topics,
                swapping=asked.swap,
                accepting_loss=asked.accept_loss,
                from_outbox=asked.origin == "outbox",
            )
        )
    except (LogIncomplete, LogTooShort, RebuildRunning, TablesBusy, ArchiveMissing, ArchiveDamaged) as error:
        for difference in error.missing if isinstance(error, LogIncomplete) else ():
            sys.stdout.write(f"{difference}\n")
        sys.stdout.write(f"refused: {error}\n")
        return REFUSED
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    outcome = f"{len(found)} rows differ" if found else "rebuilt and live rows are the same"
    sys.stdout.write(f"{outcome}{'; the rebuilt ones are live now' if asked.swap else ''}\n")
    return int(bool(found))
