"""Parked events are listed and acted upon through the API, which keeps who did it and why."""

import asyncio
import getpass
import re
from pathlib import Path

import asyncpg
import pytest

from tests.support.administration import done, operate, refused
from tests.support.system import System
from tests.support.waiting import until_now

POISON = """
    INSERT INTO tasks.outbox (partition, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at,
                              recorded_at, payload)
    SELECT 0, gen_random_uuid(), 'task', 'POISON-' || n, 1, 'vn.hanoi.cchc.task.unheard_of.v1', now(), now(), '{}'
    FROM generate_series(1, 3) n"""
AUDIT = "SELECT action, done_by, reason FROM scoring.parked_event_audit ORDER BY id"
WHY = "the new version is installed"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (["--act", "retry", "--of", "failed"], "WHY"),
        (["--act", "retry", "--why", "mended"], "EVENT"),
        (["--act", "retry", "--why", "mended", "--event", "1"], "SERVICE"),
    ],
)
def test_an_act_that_is_not_complete_is_refused(given: list[str], missing: str, tmp_path: Path) -> None:
    result = operate(tmp_path, "parked", *given)
    assert result.returncode == 2
    assert missing in result.stderr


def test_events_are_listed_tried_again_and_given_up(folder: Path) -> None:
    with System(folder / "data") as system:
        act_on_poison(system)
    assert "no embedded system runs" in operate(system.folder, "parked").stderr


def act_on_poison(system: System) -> None:
    rows(system, POISON)
    listed = until_now(lambda: done(system.folder, "parked", "--service", "scoring"), lambda said: len(said) == 4)
    assert listed[0].startswith("scoring: 3 ")
    numbers = [int(line.split()[0]) for line in listed[1:]]
    assert all("task:POISON-" in line and "unheard_of" in line for line in listed[1:])
    [reason] = {line.split()[1] for line in listed[1:]}

    chosen = ("--act", "discard", "--why", WHY, "--service", "scoring", "--event", str(numbers[0]))
    assert done(system.folder, "parked", *chosen)[-1] == "scoring: 1 × discard"
    tried = done(system.folder, "parked", "--act", "retry", "--why", WHY, "--of", reason, "--service", "scoring")
    assert tried[-1] == "scoring: 2 × retry"
    me = f"make:{getpass.getuser()}"
    assert rows(system, AUDIT) == [("discard", me, WHY), ("retry", me, WHY), ("retry", me, WHY)]
    left = done(system.folder, "parked", "--service", "scoring")
    assert re.match(r"scoring: 2 ", left[0])
    assert "404" in refused(system.folder, "parked", *chosen)


def rows(system: System, statement: str) -> list[tuple[str, ...]]:
    async def run() -> list[tuple[str, ...]]:
        connection = await asyncpg.connect(system.admin_url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())
