"""`make parked`: the events that wait for an operator, and what to do with them.

    python -m cchc_embedded.admin.parked [--service scoring|feedback|relay]
    … --act retry|discard|close_gap --why "the cause, mended" (--event 17 | --of failed)

Everything goes through the API, which keeps each act with its name and its reason; the relay has none, and keeps them
all the same.
"""

import argparse
import getpass
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from cchc_embedded.admin import parked_by_relay
from cchc_embedded.admin.place import Refused, installation, runs, told
from cchc_embedded.installation import Installation

SERVICES = ("scoring", "feedback")
RELAY = "relay"
ACTS = ("retry", "discard", "close_gap")
REASONS = ("malformed", "failed", "conflict")
"""Why many events may wait by themselves; what stands `behind` one of them follows it."""
BY_HAND = """\
hệ thống này không chạy ở đây · no embedded system runs on {folder}. For another, with a token of the role operator:

  curl -s https://HOST/v1/parked-events/scoring -H "Authorization: Bearer $TOKEN"
  curl -s -X POST https://HOST/v1/parked-events/scoring/ID/actions/retry -H "Authorization: Bearer $TOKEN" \\
       -H 'Content-Type: application/json' -d '{{"reason": "…"}}'
"""
Parked = dict[str, Any]


def main() -> int:
    """Lists when there is nothing to do."""
    parser = argparse.ArgumentParser(prog="make parked")
    parser.add_argument("--service", choices=(*SERVICES, RELAY))
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
    return told(lambda: run(wanted))


def run(wanted: argparse.Namespace) -> None:
    """List, or act on what was named."""
    if wanted.service == RELAY:
        _of_the_relay(wanted)
        return
    services = (wanted.service,) if wanted.service else SERVICES
    with _client(installation()) as api:
        for service in services:
            if not wanted.act:
                show(service, list(parked(api, service)))
                continue
            print(f"{service}: {act(api, service, wanted)} × {wanted.act}")


def _of_the_relay(wanted: argparse.Namespace) -> None:
    here = installation()
    if wanted.act:
        done = parked_by_relay.act(here, wanted.act, event=wanted.event, of=wanted.of, why=wanted.why)
        print(f"{RELAY}: {done} × {wanted.act}")
    else:
        show(RELAY, [row._asdict() for row in parked_by_relay.listed(here)])


def act(api: httpx.Client, service: str, wanted: argparse.Namespace) -> int:
    """Act on what was named; on how many events."""
    path, body = f"/v1/parked-events/{service}", {"reason": wanted.why}
    if wanted.event:
        _checked(api.post(f"{path}/{wanted.event}/actions/{wanted.act}", json=body))
        return 1
    acted, more = 0, True
    while more:
        done = _checked(api.post(f"{path}/actions/{wanted.act}", json={**body, "of": wanted.of}))
        acted, more = acted + done["acted"], done["more"]
    return acted


def parked(api: httpx.Client, service: str) -> Iterator[Parked]:
    """Every parked event of a service, oldest first."""
    cursor: dict[str, str] = {}
    while True:
        page = _checked(api.get(f"/v1/parked-events/{service}", params={"limit": 200, **cursor}))
        yield from page["items"]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


def show(service: str, events: Sequence[Parked]) -> None:
    """A line for each event: id, reason, aggregate and version, type, error."""
    print(f"{service}: {len(events)} đang chờ · parked")
    for event in events:
        name = f"{event['aggregate']} v{event['version']}"
        print(f"  {event['id']:>6}  {event['reason']:<9}  {name}  {event['type']}  {event['error'] or ''}".rstrip())


def _client(here: Installation) -> httpx.Client:
    """A caller with the role of an operator, under the name of who types this."""
    if not runs(here.folder):
        raise Refused(BY_HAND.format(folder=here.folder))
    door = here.url("gateway")
    asked = {"sub": f"make:{getpass.getuser()}", "roles": ["operator"]}
    try:
        token = _checked(httpx.post(f"{door}/dev/tokens", json=asked, timeout=30))["access_token"]
    except httpx.TransportError as error:
        raise Refused(f"không gọi được · {door} does not answer: {error}") from error
    return httpx.Client(base_url=door, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def _checked(reply: httpx.Response) -> Parked:
    if reply.is_error:
        raise Refused(f"{reply.request.method} {reply.request.url} → {reply.status_code}: {reply.text}")
    return dict(reply.json())


if __name__ == "__main__":
    sys.exit(main())
