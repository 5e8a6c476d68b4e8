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

WAITED_FOR = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
"""How many locks others wait for that the one who asks holds. Other tests of the same server wait for locks too."""


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


PLANNED = "SELECT id, planned_due_on::text, due_on::text FROM tasks ORDER BY id"
EXTENDED = """INSERT INTO task_history (task_id, version, action, status, unit, at, recorded_at, due_on)
              SELECT id, v, 'assign', 'x', 'a', now(), now(), CASE WHEN id % 10 > 0 THEN date '2024-06-10' + v END
              FROM tasks, generate_series(1, 2) v"""


def test_tasks_of_before_know_the_day_that_was_planned_for_them(database: Database) -> None:
    """That of the first row of their history, however often they were given more time; what knows it keeps it."""
    url = database.url("tasks")
    config = alembic_config("tasks", url)
    command.downgrade(config, "0018")
    asyncio.run(_run(url, TASK, many=[(id_, False) for id_ in range(1, 2503)]))
    asyncio.run(_run(url, EXTENDED))
    asyncio.run(_run(url, "UPDATE tasks SET due_on = '2024-06-12' WHERE id % 10 > 0"))
    asyncio.run(_run(url, "UPDATE tasks SET planned_due_on = '2024-06-01' WHERE id = 7"))
    command.upgrade(config, "head")
    for id_, planned, due_on in asyncio.run(_run(url, PLANNED)):
        expected = (None, None) if id_ % 10 == 0 else ("2024-06-01" if id_ == 7 else "2024-06-11", "2024-06-12")
        assert (planned, due_on) == expected, id_


def test_a_task_that_somebody_works_on_is_waited_for_alone(database: Database) -> None:
    """Its day is stored when that is over; the others have theirs by then."""
    url = database.url("tasks")
    config = alembic_config("tasks", url)
    command.downgrade(config, "0018")
    asyncio.run(_run(url, TASK, many=[(id_, False) for id_ in range(1, 4)]))
    asyncio.run(_run(url, EXTENDED))

    async def upgrade_while_one_is_held() -> list[tuple[Any, ...]]:
        holder = await asyncpg.connect(url)
        async with holder.transaction():
            await holder.execute("SELECT FROM tasks WHERE id = 2 FOR UPDATE")
            upgrading = asyncio.create_task(asyncio.to_thread(command.upgrade, config, "head"))
            async with asyncio.timeout(60):
                while not await holder.fetchval(WAITED_FOR):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            meanwhile = await _run(url, PLANNED)
        await upgrading
        await holder.close()
        return meanwhile

    meanwhile = asyncio.run(upgrade_while_one_is_held())
    assert [planned for _, planned, _ in meanwhile] == ["2024-06-11", None, "2024-06-11"]
    assert [planned for _, planned, _ in asyncio.run(_run(url, PLANNED))] == ["2024-06-11"] * 3


LATE = "SELECT task_id, unit, open_late_at::text FROM task_parties ORDER BY task_id, unit"


def test_units_know_since_when_the_tasks_of_before_are_late(database: Database) -> None:
    """Those of a task that somebody works on know it when that is over, as it then is."""
    url = database.url("tasks")
    config = alembic_config("tasks", url)
    command.downgrade(config, "0024")
    asyncio.run(_run(url, TASK, many=[(id_, False) for id_ in range(1, 7)]))
    asyncio.run(_run(url, "UPDATE tasks SET due_at = '2024-06-01 00:00+00' WHERE id <> 6"))
    asyncio.run(_run(url, "UPDATE tasks SET reported_at = '2024-05-31 00:00+00' WHERE id = 3"))
    asyncio.run(_run(url, "UPDATE tasks SET late_from = '2024-05-01 00:00+00' WHERE id = 4"))
    asyncio.run(_run(url, "UPDATE tasks SET status = 'closed' WHERE id = 5"))
    asyncio.run(_run(url, "INSERT INTO task_parties (unit, task_id, roles) SELECT 'a', id, '{lead}' FROM tasks"))

    async def upgrade_while_one_is_held() -> list[tuple[Any, ...]]:
        holder = await asyncpg.connect(url)
        async with holder.transaction():
            await holder.execute("SELECT FROM tasks WHERE id = 2 FOR UPDATE")
            upgrading = asyncio.create_task(asyncio.to_thread(command.upgrade, config, "head"))
            async with asyncio.timeout(60):
                while not await holder.fetchval(WAITED_FOR):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            meanwhile = await _run(url, LATE)
            await holder.execute("UPDATE tasks SET due_at = '2024-07-01 00:00+00' WHERE id = 2")
        await upgrading
        await holder.close()
        return meanwhile

    meanwhile = asyncio.run(upgrade_while_one_is_held())
    may, june, july = (f"2024-0{month}-01 00:00:00+00" for month in (5, 6, 7))
    assert [late for *_, late in meanwhile] == [june, None, None, may, None, None]
    expected = [june, july, None, may, None, None]
    assert [late for *_, late in asyncio.run(_run(url, LATE))] == expected
    command.downgrade(config, "0024")
    command.upgrade(config, "head")
    assert [late for *_, late in asyncio.run(_run(url, LATE))] == expected
