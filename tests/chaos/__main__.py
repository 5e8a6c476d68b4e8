"""The long form: `python -m tests.chaos [--kills 50] [--transport postgres|kafka|change|all] [--faults kill,freeze,…]`.

The kills are shared out among the transports; beside them come faults that last. Ends with 1 when anything was lost,
doubled, out of order, stale or different, and when a fault that was asked for proved nothing: it never came, or met
nobody at work.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from tests.chaos.checker import summary
from tests.chaos.faults import KINDS
from tests.chaos.nemesis import Nemesis, Outcome, Strike
from tests.chaos.stage import TRANSPORTS, staged
from tests.support.disk import SmallDisk

SHOWN = 30
NO_DISK = "never came: only root may mount a small disk, and not everywhere"
LONGEST = 12.0
"""Seconds that a fault may last: longer than any lease and any pause of a consumer."""


def run(transport: str, kinds: Sequence[str], kills: int, seed: int) -> Outcome:
    """One run on a fresh system; nothing of it is left afterwards."""
    began = time.monotonic()

    def said(line: str) -> None:
        sys.stderr.write(f"{transport} {time.monotonic() - began:6.1f} s  {line}\n")

    with (
        tempfile.TemporaryDirectory(prefix="cchc-chaos-") as folder,
        staged(transport, Path(folder), disk="disk" in kinds) as stage,
    ):
        outcome = asyncio.run(Nemesis(stage, kinds, seed, say=said).run(kills=kills, seconds=20, longest=LONGEST))
        said(f"findings: {summary(outcome.findings) or 'none'}")  # the next run may fail
        return outcome


def table(outcomes: Iterable[Outcome]) -> str:
    """For people. A strike counts when it hit a process at work; `idle` are the others."""
    lines = [f"{'transport':<10}{'fault':<26}{'strikes':>8}{'idle':>6}{'well again, s':>15}{'longest':>10}"]
    for outcome in outcomes:
        by_name: dict[str, list[Strike]] = defaultdict(list)
        for strike in outcome.strikes:
            by_name[f"{strike.kind} {strike.mode}"].append(strike)
        for name, strikes in sorted(by_name.items()):
            seconds = [strike.seconds for strike in strikes]
            counted = sum(bool(strike.at_work) for strike in strikes)
            lines.append(
                f"{outcome.transport:<10}{name:<26}{counted:>8}{len(strikes) - counted:>6}"
                f"{median(seconds):>15.2f}{max(seconds):>10.2f}"
            )
        lines += [
            f"{outcome.transport}: seed {outcome.seed}, {len(outcome.counted)} strikes at work",
            f"{outcome.transport}: {outcome.load_seconds:.0f} s of load, at rest {outcome.rest_seconds:.1f} s later",
            f"{outcome.transport}: at most {outcome.longest_silence:.1f} s without an acknowledgement",
            f"{outcome.transport}: {', '.join(f'{n} {name}' for name, n in outcome.counts.items())}",
            f"{outcome.transport}: answers {outcome.answers}",
            f"{outcome.transport}: findings {summary(outcome.findings) or 'none'}",
            *map(str, outcome.findings[:SHOWN]),
        ]
    return "\n".join(lines)


def unproven(kinds: Sequence[str], outcomes: Iterable[Outcome]) -> list[str]:
    """Of each kind that no run had at work: why it says nothing."""
    strikes = [strike for outcome in outcomes for strike in outcome.strikes]
    came = {strike.kind for strike in strikes}
    met = {strike.kind for strike in strikes if strike.at_work}
    said = []
    for kind in kinds:
        if kind not in came:
            said.append(f"{kind}: {NO_DISK if kind == 'disk' and not SmallDisk.available() else 'never came'}")
        elif kind not in met:
            said.append(f"{kind}: met nobody at work")
    return said


def main() -> int:
    """Make every run; 0 when nothing was found, and every fault that was asked for proved something."""
    said = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=int(said("KILLS") or "50"), help="in all (KILLS)")
    parser.add_argument(
        "--faults", default=said("FAULTS") or "", help=f"of {', '.join(KINDS)}; all that the transports know (FAULTS)"
    )
    parser.add_argument(
        "--transport", choices=(*TRANSPORTS, "all"), default=said("TRANSPORT") or "all", help="(TRANSPORT)"
    )
    parser.add_argument("--seed", type=int, default=int(said("SEED") or "1"), help="of the order of chance (SEED)")
    parser.add_argument("--json", type=Path, default=Path(".data/chaos.json"))
    wanted = parser.parse_args()
    transports = TRANSPORTS if wanted.transport == "all" else (wanted.transport,)
    known = [kind for kind in KINDS if kind != "broker" or transports != ("postgres",)]
    kinds = wanted.faults.split(",") if wanted.faults else known
    if unknown := set(kinds) - set(known):
        parser.error(f"no such fault: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    share = -(-wanted.kills // len(transports))
    outcomes = [run(transport, kinds, share, wanted.seed) for transport in transports]
    sys.stdout.write(table(outcomes) + "\n")
    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps([outcome.as_json() for outcome in outcomes], indent=2, ensure_ascii=False))
    nothing = unproven(kinds, outcomes)
    sys.stdout.writelines(f"proves nothing: {line}\n" for line in nothing)
    return int(bool(nothing) or any(outcome.findings for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
