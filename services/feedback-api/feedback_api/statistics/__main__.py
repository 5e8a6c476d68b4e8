"""`python -m feedback_api.statistics [--mend]`: are the counts that are kept those of the reports?

Prints the months that differ, and in how many counts. Returns 0 when all are right, or were put right; otherwise 1.
Everyone goes on working meanwhile.
"""

import argparse
import asyncio
import sys

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service import logs
from cchc_shared.service.http_settings import read
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.storage.database import create_engine
from feedback_api.statistics.service import compare

NAME = "feedback-counts"


async def _run(settings: ServiceSettings, *, mending: bool) -> int:
    zone = WorkingCalendar.load(settings.profile).timezone
    engine = create_engine(settings.database_url, pool_size=1, application=NAME)
    wrong = months = 0
    try:
        async for month, differ in compare(engine, zone, settings.clock, mending=mending):
            months += 1
            wrong += differ
            if differ:
                sys.stdout.write(f"{month}: {differ} counts {'put right' if mending else 'differ'}\n")
    finally:
        await engine.dispose()
    sys.stdout.write(f"{months} months compared, {wrong} counts {'put right' if mending else 'differ'}\n")
    return int(wrong > 0 and not mending)


def main() -> int:
    """Compare, and put right if that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m feedback_api.statistics", description=__doc__)
    parser.add_argument("--mend", action="store_true", help="put right what differs")
    asked = parser.parse_args()
    settings = read(ServiceSettings)
    logs.configure(NAME, settings.log_level)
    return asyncio.run(_run(settings, mending=asked.mend))


if __name__ == "__main__":
    sys.exit(main())
