"""The tables of scoring that a rebuild makes from the log of events."""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.rebuild import RebuildPlan
from scoring_worker.catalogue.models import index_set
from scoring_worker.counts.models import unit_count
from scoring_worker.facts.models import duty, event, occurrence
from scoring_worker.metadata import METADATA
from scoring_worker.projection.service import Projection
from scoring_worker.scoring import recompute
from scoring_worker.scoring.models import score
from scoring_worker.units.models import unit
from scoring_worker.values.models import indicator_value

SCHEMA: Final = "scoring_rebuild"


def plan(projection: Projection) -> RebuildPlan:
    """Scores with all that they are made of. When a score was computed makes no difference."""

    async def hold(conn: AsyncConnection) -> None:
        await recompute.begin(conn, redefines=True)

    async def finish(conn: AsyncConnection, now: datetime) -> None:
        while (await projection.mark_overdue(conn, now)).moved:
            pass
        await recompute.score_entered(conn, now)

    return RebuildPlan(
        schema=SCHEMA,
        metadata=METADATA,
        effects=(duty, event, occurrence, score, unit, unit_count),
        handler=projection,
        definitions=(index_set, indicator_value),
        own=frozenset({"computed_at"}),
        # A row of no counts says the same as no row: duties that came and went leave it behind.
        counted={unit_count.name: lambda table: table.c.counts != {}},
        hold=hold,
        finish=finish,
    )
