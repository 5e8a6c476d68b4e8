"""Parked events are listed and acted upon wherever the system runs, or whether; who did it and why is kept."""

import asyncio
import getpass
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cchc_embedded.provision import OWNERS
from tests.support.administration import done, operate, refused
from tests.support.installed import Installed
from tests.support.system import System
from tests.support.waiting import until_now

POISON = """
    INSERT INTO tasks.outbox (partition, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at,
                              recorded_at, payload)
    SELECT 0, gen_random_uuid(), 'task', 'POISON-' || n, 1, 'vn.hanoi.cchc.task.unheard_of.v1', now(), now(), '{}'
    FROM generate_series(1, 3) n"""
READERS = ("scoring", "feedback", "dossiers", "notify")
"""The schemas of those that read every stream."""
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


def test_events_are_listed_tried_again_and_given_up(folder: Path, installed: Installed) -> None:
    with installed(folder / "data") as system:
        act_on_poison(system)
        act_from_elsewhere(system, folder / "elsewhere")
    left = done(system.folder, "parked")  # of a system that does not run
    assert [line for line in left if not line.startswith(" ")] == [
        "scoring: 1 đang chờ · parked",
        "feedback: 3 đang chờ · parked",
        "dossiers: 3 đang chờ · parked",
        "notify: 3 đang chờ · parked",
        "relay: 0 đang chờ · parked",
    ]
    number = left[1].split()[0]
    named = ("--service", "scoring", "--event", number, "--why", WHY)
    assert "no event is missing" in refused(system.folder, "parked", "--act", "close_gap", *named)
    assert "no parked event 17" in refused(
        system.folder, "parked", "--act", "retry", "--service", "relay", "--event", "17", "--why", WHY
    )


def act_from_elsewhere(system: System, folder: Path) -> None:
    """As somebody who knows the database alone, with the passwords of its roles."""
    secrets = json.loads((system.folder / "secrets.json").read_text())
    known = {f"CCHC_PASSWORD_{role.upper()}": secrets[role] for role in OWNERS.values()}
    known["DATABASE_URL"] = system.admin_url
    listed = done(folder, "parked", "--service", "scoring", **known)
    assert listed[0].startswith("scoring: 2 ")
    chosen = ("--service", "scoring", "--event", listed[1].split()[0], "--why", WHY)
    assert done(folder, "parked", "--act", "discard", *chosen, **known) == ["scoring: 1 × discard"]
    assert rows(system, AUDIT)[-1] == ("discard", f"make:{getpass.getuser()}", WHY)
    assert "CCHC_PASSWORD_SCORING_WORKER" in refused(folder, "parked", DATABASE_URL=system.admin_url)


def act_on_poison(system: System) -> None:
    rows(system, POISON)
    for schema in READERS:
        count = f"SELECT count(*) FROM {schema}.parked_event"
        until_now(partial(rows, system, count), lambda found: found == [(3,)])
    listed = done(system.folder, "parked", "--service", "scoring")
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
    assert "there is no parked event" in refused(system.folder, "parked", *chosen)


def rows(system: System, statement: str) -> list[tuple[Any, ...]]:
    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(system.admin_url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(run())
