"""What was published of a season, as readers see it."""

from collections.abc import Iterator

from scoring_worker.ledger.domain import Json
from scoring_worker.seasons.domain import NOTHING, ByCriterion, remedy
from scoring_worker.seasons.schemas import SeasonFinding


def findings(part: Json, said: ByCriterion) -> Iterator[tuple[int, SeasonFinding]]:
    """The findings of a unit, each with the place of its criterion."""
    for place, row in enumerate(part["criteria"]):
        if row["finding"]:
            mended = remedy(said.get(row["criterion"], NOTHING))
            more = {"unit": part["unit"], "unit_name": part["name"], "complete": mended.is_complete}
            proposed = {"proposed_task": proposed_task(row)}
            yield place, SeasonFinding.model_validate({**row, **more, **proposed, **mended._asdict()})


def proposed_task(row: Json) -> str:
    """The title of a task that would mend a criterion."""
    return f"Khắc phục tiêu chí {row['criterion']}: {row['name']}"
