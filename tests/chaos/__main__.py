"""The long form: `python -m tests.chaos [--kills 50] [--carrier postgres|kafka|both] [--seed 1] [--json FILE]`.

Half of the kills falls on each carrier. Ends with 1 when anything was lost, doubled, out of order or different.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.chaos.audit import summary
from tests.chaos.storm import Outcome, Storm
from tests.support.broker import Broker
from tests.support.system import System

SHOWN = 30


def storm(carrier: str, kills: int, seed: int) -> Outcome:
    """One storm on a fresh system; nothing of it is left afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cchc-chaos-")))
        broker = stack.enter_context(Broker(folder / "kafka")) if carrier == "kafka" else None
        system = stack.enter_context(System(folder / "data", broker.bootstrap_servers if broker else None))
        return asyncio.run(Storm(system, broker, seed).run(kills=kills, seconds=20))


def table(outcomes: Iterable[Outcome]) -> str:
    """For people."""
    lines = [f"{'carrier':<10}{'part':<18}{'kills':>6}{'back, s':>10}{'longest':>10}"]
    for outcome in outcomes:
        for part in sorted({kill.part for kill in outcome.kills}):
            seconds = [kill.seconds for kill in outcome.kills if kill.part == part]
            lines.append(
                f"{outcome.carrier:<10}{part:<18}{len(seconds):>6}{median(seconds):>10.2f}{max(seconds):>10.2f}"
            )
        lines += [
            f"{outcome.carrier}: {outcome.load_seconds:.0f} s of load, at rest {outcome.rest_seconds:.1f} s later",
            f"{outcome.carrier}: {outcome.acknowledged} operations acknowledged, {outcome.unknown} left open",
            f"{outcome.carrier}: {outcome.reports} reports, {outcome.tasks} tasks",
            f"{outcome.carrier}: answers {outcome.answers}",
            f"{outcome.carrier}: findings {summary(outcome.findings) or 'none'}",
            *map(str, outcome.findings[:SHOWN]),
        ]
    return "\n".join(lines)


def main() -> int:
    """Runs the storms; 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS", "50")), help="in all (KILLS)")
    parser.add_argument("--carrier", choices=("postgres", "kafka", "both"), default="both")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, default=Path(".data/chaos.json"))
    wanted = parser.parse_args()
    carriers = ("postgres", "kafka") if wanted.carrier == "both" else (wanted.carrier,)
    share = -(-wanted.kills // len(carriers))
    outcomes = [storm(carrier, share, wanted.seed) for carrier in carriers]
    sys.stdout.write(table(outcomes) + "\n")
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps([outcome.as_json() for outcome in outcomes], indent=2, ensure_ascii=False))
    return int(any(outcome.findings for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
