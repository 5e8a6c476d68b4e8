"""`python -m scoring_worker.rebuild [--swap]`: are the live scores those that the log of events gives?

Prints every row that differs and then exits with 1.
"""

import argparse
import asyncio
import sys

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service import logs
from cchc_shared.service.consuming import source_factory
from cchc_shared.storage.database import create_engine
from scoring_worker.bootstrap import TOPICS
from scoring_worker.rebuild.comparison import Difference
from scoring_worker.rebuild.service import rebuild, search_rebuilt
from scoring_worker.settings import ScoringSettings

NAME = "scoring-rebuild"


async def run(settings: ScoringSettings, *, swapping: bool) -> list[Difference]:
    """One rebuild with the settings of the live service."""
    live = create_engine(settings.database_url, pool_size=2, application=NAME)
    beside = create_engine(settings.database_url, pool_size=4, application=NAME)
    search_rebuilt(beside)
    try:
        return await rebuild(
            live,
            beside,
            source_factory(settings, beside, topics=TOPICS, consumer=NAME),
            timezone=WorkingCalendar.load(settings.profile / "calendar.yaml").timezone,
            clock=settings.clock,
            swapping=swapping,
        )
    finally:
        await live.dispose()
        await beside.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scoring_worker.rebuild")
    parser.add_argument("--swap", action="store_true", help="put the rebuilt rows in the place of the live ones")
    swapping = parser.parse_args().swap
    settings = ScoringSettings()
    logs.configure(NAME, settings.log_level)
    found = asyncio.run(run(settings, swapping=swapping))
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    outcome = f"{len(found)} rows differ" if found else "rebuilt and live scores are the same"
    sys.stdout.write(f"{outcome}{'; the rebuilt ones are live now' if swapping else ''}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
