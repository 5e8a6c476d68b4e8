"""What becomes of data that an earlier version of the service wrote."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")

TASK = """INSERT INTO tasks (id, code, title, lead_unit, coordinating_units, former_leads, assigning_unit, assigned_at,
              fanned_out, due_text, product, source, urgency, status, approvals, extensions, handovers, version)
          OVERRIDING SYSTEM VALUE
          SELECT id, 'NV-' || id, '', 'a', '{}', '{}', '01', now(), $2, '', '', '', 'normal', 'x', 0, 0, 0, 1
          FROM (SELECT $1::bigint AS id) AS given"""
HISTORY_ROW = """INSERT INTO task_history
          (task_id, version, event, occurred_at, recorded_at, actor, status, lead_unit, details)
          VALUES ($1, $2, $3, now(), now(), $4, $5, $6, $7)"""
WALK = [
    ("assigned", "not_started", "a", "{}"),
    ("transferred", "not_started", "b", '{"unit": "b", "reason": "Thẩm quyền"}'),
    ("started", "in_progress", "b", "{}"),
    ("reported", "reported", "b", "{}"),
    ("report_rejected", "in_progress", "b", '{"reason": "Thiếu"}'),
    ("reported", "reported", "b", "{}"),
    ("report_endorsed", "reported", "b", "{}"),
    ("report_rejected", "in_progress", "b", "{}"),
    ("extension_requested", "extension_requested", "b", "{}"),
    ("extension_granted", "in_progress", "b", "{}"),
    ("extension_requested", "extension_requested", "b", "{}"),
    ("extension_denied", "in_progress", "b", "{}"),
    ("reported", "reported", "b", "{}"),
    ("report_endorsed", "reported", "b", "{}"),
    ("completed", "completed", "b", "{}"),
]
OTHER = [
    ("assigned", "not_started", "a", "{}"),
    ("returned", "not_started", "01", '{"reason": "out_of_competence"}'),
    ("close_proposed", "close_proposed", "01", "{}"),
    ("closed", "closed", "01", "{}"),
]
PARENT = [
    ("assigned", "not_started", "g", "{}"),
    ("started", "in_progress", "g", '{"child": "x"}'),
    ("completed", "completed", "g", "{}"),
]


async def _run(
    url: str, statement: str, *arguments: object, many: Sequence[tuple[object, ...]] | None = None
) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        if many is not None:
            await connection.executemany(statement, many)
            return []
        return [tuple(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


def test_the_history_of_tasks_keeps_what_it_said(database: Database) -> None:
    url = database.url("tasks")
    config = alembic_config("tasks", url)
    command.downgrade(config, "0001")
    walks = {1: WALK, 2: OTHER, 3: PARENT}
    asyncio.run(_run(url, TASK, many=[(id_, id_ == 3) for id_ in walks]))
    rows = [
        (id_, version, event, "children" if id_ == 3 and version > 1 else "somebody", status, unit, details)
        for id_, walk in walks.items()
        for version, (event, status, unit, details) in enumerate(walk, 1)
    ]
    asyncio.run(_run(url, HISTORY_ROW, many=rows))
    everything = "SELECT * FROM task_history ORDER BY task_id, version"
    before = asyncio.run(_run(url, everything))

    command.upgrade(config, "head")
    moved = (
        "SELECT action, actor, role, from_status, from_unit, note FROM task_history WHERE task_id = $1 ORDER BY version"
    )
    assert asyncio.run(_run(url, moved, 1)) == [
        ("assign", "somebody", None, None, None, None),
        ("transfer", "somebody", None, "not_started", "a", "Thẩm quyền"),
        ("start", "somebody", None, "not_started", "b", None),
        ("report", "somebody", None, "in_progress", "b", None),
        ("reject", "somebody", "unit_head", "reported", "b", "Thiếu"),
        ("report", "somebody", None, "in_progress", "b", None),
        ("approve", "somebody", "unit_head", "reported", "b", None),
        ("reject", "somebody", "coordinator", "reported", "b", None),
        ("request_extension", "somebody", None, "in_progress", "b", None),
        ("grant_extension", "somebody", "coordinator", "extension_requested", "b", None),
        ("request_extension", "somebody", None, "in_progress", "b", None),
        ("deny_extension", "somebody", "coordinator", "extension_requested", "b", None),
        ("report", "somebody", None, "in_progress", "b", None),
        ("approve", "somebody", "unit_head", "reported", "b", None),
        ("approve", "somebody", "coordinator", "reported", "b", None),
    ]
    assert [row[0] for row in asyncio.run(_run(url, moved, 2))] == ["assign", "return", "propose_close", "close"]
    assert asyncio.run(_run(url, moved, 3)) == [
        ("assign", "somebody", None, None, None, None),
        ("roll_up", None, None, "not_started", "g", None),
        ("roll_up", None, None, "in_progress", "g", None),
    ]
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        asyncio.run(_run(url, "UPDATE task_history SET note = 'changed'"))

    command.downgrade(config, "0001")
    assert asyncio.run(_run(url, everything)) == before
