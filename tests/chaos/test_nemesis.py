"""The short form of `make chaos`: every process is ended once under load, while others are cut off."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from tests.chaos.history import Anomaly, Finding
from tests.chaos.nemesis import Nemesis, Outcome
from tests.chaos.stage import staged
from tests.support.installed import Installed

SECONDS = 15
LEAST = 400
"""Operations: enough reports for `take_away` to choose from."""
CROWD = (4, 2)
"""Half of that of `make chaos`: other tests run beside it."""
LASTING = ("freeze", "database")
KINDS = ("kill", "immediate", *LASTING)
"""`make chaos` does so on Kafka as well, with the broker's wire, a full disk, the clock and a change of transport."""

pytestmark = pytest.mark.timeout(1800)  # a bound for what moves for ever: waits end by themselves


@pytest.mark.parametrize("transport", ["postgres"])
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(
    transport: str, tmp_path: Path, installed: Installed
) -> None:
    with staged(transport, tmp_path, disk=False, opening=installed) as stage:
        nemesis = Nemesis(stage, KINDS, seed=1, say=print, crowd=CROWD)
        parts = {target.part for target in nemesis.targets}
        outcome = asyncio.run(nemesis.run(kills=len(parts), seconds=SECONDS, least=LEAST))
        unforeseen = [line for line in stage.system.tail(4000).splitlines() if "unforeseen" in line]
        assert outcome.findings == [], unforeseen[:5]
        assert_all_was_tried(outcome, parts)
        if transport == "postgres":
            assert_faults_are_found(nemesis, stage.system.admin_url)
        assert not any(stage.seconds.stop().values())
        assert stage.system.stop() == 0


def assert_all_was_tried(outcome: Outcome, parts: set[str]) -> None:
    """A run that struck nobody, or nobody at work, or in which nobody looked, says nothing."""
    lasting = {strike.kind for strike in outcome.counted if strike.kind in LASTING}
    struck = {strike.target.removesuffix(" 2") for strike in outcome.counted if strike.kind not in LASTING}
    assert struck == parts, outcome.strikes
    assert lasting, outcome.strikes
    assert outcome.counts["acknowledged"] >= LEAST, outcome.counts
    assert all(outcome.counts[name] for name in ("refused to rivals", "reads", "scores added up")), outcome.counts


def assert_faults_are_found(nemesis: Nemesis, admin_url: str) -> None:
    """The checker itself: what is taken away behind the services' backs is named, and nothing else is blamed for it."""
    taken = asyncio.run(take_away(admin_url))
    report, entry, duty, changed, scored = taken
    _, findings = asyncio.run(nemesis.check())
    found = {(finding.anomaly, finding.id) for finding in findings}
    lost = {finding.id for finding in acknowledgements(findings)}
    assert any(id_.startswith(f"{report} v2 assign") for id_ in lost)
    assert any(id_.startswith(f"{entry} v2 assign") for id_ in lost)
    assert (Anomaly.LOST, f"{entry} v2") in found
    assert (Anomaly.LOST, f"{duty} feedback.acceptance on_time") in found
    assert (Anomaly.DOUBLED, f"{report} feedback.acceptance on_time") in found
    assert (Anomaly.DIFFERENT, f"{changed} v1 content") in found
    assert (Anomaly.DIFFERENT, scored) in found
    assert (Anomaly.DIFFERENT, "rebuild") in found
    assert (Anomaly.DOUBLED, f"feedback:{report}") in found
    assert {id_[:12] for _, id_ in found if id_.startswith("PA-")} == {report, entry, duty, changed}


def acknowledgements(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if "acknowledged as" in finding.detail]


async def take_away(admin_url: str) -> tuple[str, str, str, str, str]:
    """A report, an entry of another one's history, the duty of a third, a letter of a fourth, a point of a score."""
    connection = await asyncpg.connect(admin_url)
    try:
        await connection.execute("SET session_replication_role = replica")  # the history takes no deletion otherwise
        report, entry, duty, changed = await connection.fetch(
            """SELECT code FROM feedback.feedback WHERE accepted_at < accept_due_at AND handovers = 0
               AND status NOT IN ('answered', 'published') ORDER BY code LIMIT 4"""
        )
        await connection.execute("DELETE FROM feedback.feedback WHERE code = $1", report["code"])
        await connection.execute("DELETE FROM feedback.feedback_history WHERE code = $1 AND version = 2", entry["code"])
        await connection.execute(
            "DELETE FROM scoring.duty WHERE code = $1 AND measure = 'feedback.acceptance'", duty["code"]
        )
        await connection.execute(
            "UPDATE feedback.feedback SET content = content || '.' WHERE code = $1", changed["code"]
        )
        scored = await connection.fetchval(
            "UPDATE scoring.score SET total = total + 1 WHERE period = '2024' AND unit = '001' RETURNING unit"
        )
    finally:
        await connection.close()
    return report["code"], entry["code"], duty["code"], changed["code"], scored
