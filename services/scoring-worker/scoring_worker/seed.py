"""`python -m scoring_worker.seed`: loads the index sets, and says of each file what became of it."""

import asyncio
import sys

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.storage.database import create_engine
from scoring_worker.index_sets.service import files_of, load_files
from scoring_worker.settings import ScoringSettings


async def seed(settings: ScoringSettings) -> dict[str, str]:
    """Load what is not loaded yet; run any number of times."""
    engine = create_engine(settings.database_url, pool_size=1, application="scoring-seed")
    try:
        return await load_files(engine, files_of(settings.index_sets_folder), SystemClock().now())
    finally:
        await engine.dispose()


def main() -> int:
    results = asyncio.run(seed(ScoringSettings()))
    for file, result in results.items():
        sys.stdout.write(f"{file}: {result}\n")
    return int(any(result.startswith("refused") for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
