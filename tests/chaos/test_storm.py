"""The short form of `make chaos`: every process is killed once under load, on each carrier."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.chaos.history import Fault, Finding
from tests.chaos.storm import Storm
from tests.support.broker import Broker
from tests.support.system import System

SECONDS = 20

pytestmark = pytest.mark.timeout(300)


@contextmanager
def running(carrier: str, folder: Path) -> Iterator[tuple[System, Broker | None]]:
    with ExitStack() as stack:
        broker = stack.enter_context(Broker(folder / "kafka")) if carrier == "kafka" else None
        yield stack.enter_context(System(folder / "data", broker.bootstrap_servers if broker else None)), broker


@pytest.mark.parametrize("carrier", ["postgres", "kafka"])
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(carrier: str, tmp_path: Path) -> None:
    with running(carrier, tmp_path) as (system, broker):
        storm = Storm(system, broker, seed=1)
        outcome = asyncio.run(storm.run(kills=len(storm.parts), seconds=SECONDS))
        assert outcome.findings == []
        assert {kill.part for kill in outcome.kills} == set(storm.parts)
        assert outcome.acknowledged > 100
        if carrier == "postgres":
            assert_faults_are_found(storm, system.admin_url)
        assert system.stop() == 0


def assert_faults_are_found(storm: Storm, admin_url: str) -> None:
    """The audit itself: what is taken away behind the services' backs is named, and nothing else is blamed for it."""
    report, entry, duty, scored = asyncio.run(take_away(admin_url))
    _, findings = asyncio.run(storm.audit())
    found = {(finding.fault, finding.id) for finding in findings}
    assert {finding.id for finding in acknowledgements(findings)} >= {f"{report} v2 assign", f"{entry} v2 assign"}
    assert (Fault.LOST, f"{entry} v2") in found
    assert (Fault.LOST, f"{duty} feedback.acceptance on_time") in found
    assert (Fault.DOUBLED, f"{report} feedback.acceptance on_time") in found
    assert (Fault.DIFFERENT, scored) in found
    assert (Fault.DIFFERENT, "rebuild") in found
    assert {id_[:12] for _, id_ in found if id_.startswith("PA-")} == {report, entry, duty}


def acknowledgements(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if "acknowledged as" in finding.detail]


async def take_away(admin_url: str) -> tuple[str, str, str, str]:
    """A report, an entry of another one's history, the duty of a third, and a point of a unit's score."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SET session_replication_role = replica")  # the history takes no deletion otherwise
        report, entry, duty = await connection.fetch(
            """SELECT code FROM feedback.feedback WHERE accepted_at < accept_due_at AND handovers = 0
               AND status NOT IN ('answered', 'published') ORDER BY code LIMIT 3"""
        )
        await connection.execute("DELETE FROM feedback.feedback WHERE code = $1", report["code"])
        await connection.execute("DELETE FROM feedback.feedback_history WHERE code = $1 AND version = 2", entry["code"])
        await connection.execute(
            "DELETE FROM scoring.duty WHERE code = $1 AND measure = 'feedback.acceptance'", duty["code"]
        )
        scored = await connection.fetchval(
            "UPDATE scoring.score SET total = total + 1 WHERE period = '2024' AND unit = '001' RETURNING unit"
        )
    finally:
        await connection.close()
    return report["code"], entry["code"], duty["code"], scored
