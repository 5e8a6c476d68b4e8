"""Raw SQL of tasks."""

from sqlalchemy import text

# Core would give the sub-select a FROM clause of its own; in ON CONFLICT both rows are already there.
BOTH_ROLES = text("ARRAY(SELECT DISTINCT unnest(task_parties.roles || excluded.roles))")
