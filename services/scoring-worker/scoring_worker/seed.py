"""`python -m scoring_worker.seed`: loads index sets and questionnaires, and says of each file what became of it."""

import asyncio
import sys

from cchc_shared.service.assembly import opened
from cchc_shared.service.http_settings import read
from scoring_worker.bootstrap import FEATURES
from scoring_worker.loading.feature import load_index_sets
from scoring_worker.questionnaires.feature import load_questionnaires
from scoring_worker.settings import ScoringSettings


async def seed(settings: ScoringSettings) -> dict[str, str]:
    """Load what is not loaded yet; run any number of times."""
    async with opened("scoring-seed", settings, FEATURES) as here:
        return {**await load_index_sets(here), **await load_questionnaires(here)}


def main() -> int:
    results = asyncio.run(seed(read(ScoringSettings)))
    for file, result in results.items():
        sys.stdout.write(f"{file}: {result}\n")
    return int(any(result.startswith("refused") for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
