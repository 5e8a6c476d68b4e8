"""`make parked`: the events that wait for an operator, and what to do with them.

    python -m cchc_embedded.admin.parked [--service scoring|feedback|dossiers|notify|relay]
    … --act retry|discard|close_gap --why "the cause, mended" (--event 17 | --of failed)

Each act is kept with the name of who types it, and with the reason.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from cchc_embedded.admin import parked_rows
from cchc_embedded.admin.place import exit_code_of, installation, opened, password
from cchc_embedded.provision import OWNERS, url_for

SERVICES = ("scoring", "feedback", "dossiers", "notify", "relay")
"""All that park. The relay's tables are there without a Kafka too."""
ACTS = ("retry", "discard", "close_gap")
REASONS = ("malformed", "failed", "conflict")
"""Why many events may wait by themselves; what stands `behind` one of them follows it."""


def main() -> int:
    """Lists when there is nothing to do."""
    parser = argparse.ArgumentParser(prog="make parked")
    parser.add_argument("--service", choices=SERVICES)
    parser.add_argument("--act", choices=ACTS)
    parser.add_argument("--why", help="kept with the act and your name")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--event", type=int, help="the id of one event")
    which.add_argument("--of", choices=REASONS, help="every event that waits for this reason")
    wanted = parser.parse_args()
    if wanted.act and not (wanted.why and (wanted.event or wanted.of)):
        parser.error("ACT wants WHY=… and EVENT=… or OF=…")
    if wanted.of and wanted.act == "close_gap":
        parser.error("ACT=close_gap wants EVENT=…: each gap is looked at by itself")
    if wanted.event and not wanted.service:
        parser.error("EVENT wants SERVICE=…: each service counts its own")
    return exit_code_of(lambda: run(wanted))


def run(wanted: argparse.Namespace) -> None:
    """List, or act on what was named."""
    here = installation()
    with opened(here) as admin_url:
        for service in (wanted.service,) if wanted.service else SERVICES:
            role = OWNERS[service]
            url = url_for(admin_url, role, password(here, role))
            if wanted.act:
                print(f"{service}: {act(url, wanted)} × {wanted.act}")
            else:
                show(service, parked_rows.listed(url))


def act(url: str, wanted: argparse.Namespace) -> int:
    """Act on what was named; on how many events."""
    if wanted.event:
        parked_rows.act(url, wanted.act, wanted.event, wanted.why)
        return 1
    return parked_rows.act_on_all(url, wanted.act, wanted.of, wanted.why)


def show(service: str, events: Sequence[Row[Any]]) -> None:
    """A line for each event: id, reason, aggregate and version, type, error."""
    print(f"{service}: {len(events)} đang chờ · parked")
    for event in events:
        name = f"{event.aggregate} v{event.version}"
        print(f"  {event.id:>6}  {event.reason:<9}  {name}  {event.type}  {event.error or ''}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
