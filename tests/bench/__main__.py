"""`python -m tests.bench [--only NAME,…] [FILE]`: measure, print one table, write it as JSON."""

import argparse
import importlib
import json
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.results import Result, machine, table
from tests.bench.stage import Stage

MEASUREMENTS = (
    "cost", "intake", "instances", "edits", "attaching", "relaying", "scoring", "lists", "tasks", "counting", "system",
    "faults", "storage", "importing", "dossiers", "overload", "ranking", "growing",
)  # fmt: skip
"""Modules of this package, each with `measure(stage)`. Cost comes first: servers of the others stay up to the end, and
what a report costs depends on what else is in the caches."""
ON_REQUEST = ("decade", "dossier_day")
"""Those that take many minutes."""


def main() -> None:
    """Run what was asked for, in order. When something fails, what was found until then is still shown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=Path("bench.json"), help="where the JSON goes")
    known = (*MEASUREMENTS, *ON_REQUEST)
    parser.add_argument("--only", default=",".join(MEASUREMENTS), help=f"some of {', '.join(known)}")
    asked = parser.parse_args()
    names = asked.only.split(",")
    if unknown := set(names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    began = time.monotonic()
    results: list[Result] = []
    try:
        with Stage() as stage:
            for name in names:
                print(f"[{time.monotonic() - began:4.0f} s] {name}", file=sys.stderr, flush=True)
                results += importlib.import_module(f"tests.bench.{name}").measure(stage)
    finally:
        print(table(results))
    document = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began),
        "machine": machine(),
        "results": [result.document() for result in results],
    }
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    asked.file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
