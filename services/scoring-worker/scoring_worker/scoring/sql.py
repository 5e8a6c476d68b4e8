"""Statements on scores that are raw for their locks and bulk writes."""

from sqlalchemy import text

from scoring_worker.columns import arrays, assignments, names, record, same
from scoring_worker.scoring.models import score

_KEY = tuple(score.primary_key.columns)
_VALUES = tuple(column for column in score.c if not column.primary_key)
_UNIT_PERIOD = (score.c.unit, score.c.period)

# What units and index sets say must not change under a transaction that scores by it. Taken before any row is locked;
# plain readers are not held up.
TOGETHER = text("LOCK TABLE unit, index_set IN ROW SHARE MODE")
ALONE = text("LOCK TABLE unit, index_set IN EXCLUSIVE MODE")

# One JSON text for all rows: the driver encodes arrays element by element, which takes longer than the rest.
SAVE = text(
    f"""INSERT INTO score ({names(score.c)}) SELECT {names(score.c)}
        FROM jsonb_to_recordset(CAST(CAST(:rows AS text) AS jsonb)) AS w({record(score.c)})
        ON CONFLICT ({names(_KEY)}) DO UPDATE SET {assignments(_VALUES, "EXCLUDED")}"""
)
VOID = text(f"""DELETE FROM score USING unnest({arrays(_KEY)}) AS w({names(_KEY)}) WHERE {same(_KEY, "score", "w")}""")
DELETE = text(
    f"""DELETE FROM score USING unnest({arrays(_UNIT_PERIOD)}) AS w({names(_UNIT_PERIOD)})
        WHERE {same(_UNIT_PERIOD, "score", "w")}"""
)
