"""`make listen`: events come to this machine, verified and printed, and on to a program of one's own (URL=…).

It makes a webhook at a system that runs with development tokens, and deletes it at the end. Each line is one message.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx

from notify.audience.domain import TYPES_TOLD, UNITS_IN

SYSTEM: Final = {
    "code": "listen",
    "name": "make listen",
    "office": "make listen",
    "routes": ["webhooks", *(f"events.{thing}" for thing in UNITS_IN)],
    "whole_city": True,
}
TOLERANCE_SECONDS: Final = 300
"""How old a message may be, and how far ahead (Standard Webhooks)."""
FORWARD_SECONDS: Final = 15.0


def is_genuine(secret: str, headers: Any, body: bytes, now: float) -> bool:
    """Whether a message was signed with the secret, and lately: what every receiver has to ask of each message."""
    id_, at, given = (headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
    if not at.isdigit() or abs(now - int(at)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, b".".join([id_.encode(), at.encode(), body]), hashlib.sha256).digest()
    right = "v1," + base64.b64encode(signed).decode()
    return any(hmac.compare_digest(right, each) for each in given.split(" "))


class Listener(ThreadingHTTPServer):
    """Takes messages on a free port of this machine."""

    def __init__(self, forward: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forward = forward
        self.secret = ""

    def answer(self, headers: Any, body: bytes) -> int:
        """The status that the sender is answered: that of one's own program, where there is one."""
        if not is_genuine(self.secret, headers, body, time.time()):
            return 401
        print(json.dumps({"webhook-id": headers["webhook-id"], **json.loads(body)}, ensure_ascii=False), flush=True)
        if self.forward is None:
            return 204
        names = ("content-type", "webhook-id", "webhook-timestamp", "webhook-signature")
        sent = {name: headers[name] for name in names}
        try:
            return httpx.post(self.forward, content=body, headers=sent, timeout=FORWARD_SECONDS).status_code
        except httpx.HTTPError as error:
            print(f"{self.forward}: {type(error).__name__}", file=sys.stderr, flush=True)
            return 502


class _Handler(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.server.answer(self.headers, body))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in http.server
        """Say nothing: each message is a line already."""


def main() -> int:
    """Listens until it is told to stop."""
    parser = argparse.ArgumentParser(prog="make listen")
    parser.add_argument("--url", help="a program of one's own that gets each message as it came")
    forward = parser.parse_args().url
    base = f"http://127.0.0.1:{os.environ.get('CCHC_PORT') or 8080}"
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    try:
        with httpx.Client(base_url=base, timeout=30) as client, Listener(forward) as listener:
            listen(client, listener, stopping)
    except httpx.HTTPError as error:
        print(f"{base}: {error} (make run?)", file=sys.stderr)
        return 1
    return 0


def listen(client: httpx.Client, listener: Listener, stopping: threading.Event) -> None:
    """Make a webhook that leads here, and take what comes until `stopping`. Raises `httpx.HTTPError`."""
    asked = client.post("/dev/tokens", json={"sub": "listen", "roles": ["operator"]}).raise_for_status()
    client.headers["authorization"] = f"Bearer {asked.json()['access_token']}"
    if client.post("/v1/systems", json=SYSTEM).status_code not in {201, 409}:
        client.get(f"/v1/systems/{SYSTEM['code']}").raise_for_status()
    wanted = {
        "system": SYSTEM["code"],
        "url": f"http://127.0.0.1:{listener.server_address[1]}/",
        "event_types": sorted(TYPES_TOLD),
    }
    made = client.post("/v1/webhooks", json=wanted).raise_for_status().json()
    listener.secret = made["secret"]
    taking = threading.Thread(target=listener.serve_forever, daemon=True)
    taking.start()
    print(f"webhook {made['id']} → {wanted['url']}", file=sys.stderr, flush=True)
    try:
        stopping.wait()
    finally:
        client.delete(f"/v1/webhooks/{made['id']}")
        listener.shutdown()


if __name__ == "__main__":
    sys.exit(main())
