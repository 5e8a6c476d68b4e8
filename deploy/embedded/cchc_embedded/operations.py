"""The operator's address of an embedded installation: one process that looks at all others, and outlives them.

`/readyz` says of every part whether it is ready and why not; `/metrics` is the metrics of all of them on one page, each
sample with the name of its part. Nothing but the standard library and a parser is used here: what watches must be
lighter than what it watches.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cchc_embedded.metrics_page import merged
from cchc_embedded.probes import State, metrics_of, postgres_state, service_state

PAUSE_SECONDS = 1.0
"""Between two looks. With the longest time that a look may take, a fault shows within four seconds."""
REFUSALS = 3
"""So many looks in a row: then a part that never was ready is no longer taken for one that is starting."""
CLIENT_SECONDS = 10


@dataclass(frozen=True)
class WatchedParts:
    """The ports to look at: the operator's address of each part by its name, and PostgreSQL where it is ours."""

    services: Mapping[str, int]
    postgres: int | None


class PartsWatch:
    """Looks at every part again and again; says what has changed, once."""

    def __init__(self, watched: WatchedParts, say: Callable[[str], None]) -> None:
        self._watched = watched
        self._say = say
        self._pool = ThreadPoolExecutor(len(watched.services) + 1)
        self.states: Mapping[str, State] = {name: State.unknown() for name in self._names()}

    def run(self) -> None:
        """Look for ever."""
        while True:
            self.look()
            time.sleep(PAUSE_SECONDS)

    def look(self) -> None:
        """Look at all parts at once, and say which of them changed."""
        watched = self._watched
        looks = {name: self._pool.submit(service_state, port) for name, port in watched.services.items()}
        if watched.postgres is not None:
            looks["postgres"] = self._pool.submit(postgres_state, watched.postgres)
        before, self.states = self.states, {name: looks[name].result() for name in self._names()}
        answered = all(state.ready or state.refuses for state in self.states.values())
        for name, state in self.states.items():
            self._report(name, before[name], state, alone=answered)

    def metrics(self) -> bytes:
        """The metrics of every part that answers now, and `cchc_part_ready` of every part.

        One that was silent when it was last looked at is not asked: the page must come before its reader gives up.
        """
        services = {name: port for name, port in self._watched.services.items() if not self.states[name].silent}
        pages = dict(zip(services, self._pool.map(metrics_of, services.values()), strict=True))
        ready = {name: state.ready for name, state in self.states.items()}
        return merged({name: page for name, page in pages.items() if page is not None}, ready)

    def _names(self) -> list[str]:
        return [*self._watched.services, *(["postgres"] if self._watched.postgres is not None else [])]

    def _report(self, name: str, before: State, now: State, *, alone: bool) -> None:
        """A part that has never been ready may wait for others that start: it is reported when it is `alone` in it."""
        now.refusals = before.refusals + 1 if now.refuses and alone else 0
        now.reported = not now.ready and (before.reported or before.ready or now.refusals >= REFUSALS)
        if now.reported and not before.reported:
            self._say(f"{name}: không sẵn sàng · not ready: {now.why}")
        elif before.reported and not now.reported:
            self._say(f"{name}: sẵn sàng trở lại · ready again")


def serve(watched: WatchedParts, port: int, screen: int) -> None:
    """Serve the operator's address on 127.0.0.1 until the process ends; changes are written to `screen`."""

    def say(line: str) -> None:
        with suppress(OSError):
            os.write(screen, f"{time.strftime('%H:%M:%S')} {line}\n".encode())

    watch = PartsWatch(watched, say)
    threading.Thread(target=watch.run, daemon=True).start()
    with _Server(("127.0.0.1", port), _handler(watch)) as server:
        server.serve_forever()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(watch: PartsWatch) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = CLIENT_SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/livez":
                self._json(200, {"status": "alive"})
            elif path == "/readyz":
                parts = {name: {"ready": state.ready, "why": state.why} for name, state in watch.states.items()}
                ready = all(state.ready for state in watch.states.values())
                self._json(200 if ready else 503, {"ready": ready, "parts": parts})
            elif path == "/metrics":
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", watch.metrics())
            else:
                self._json(404, {"paths": ["/livez", "/readyz", "/metrics"]})

        def _json(self, status: int, document: object) -> None:
            self._answer(status, "application/json", json.dumps(document, ensure_ascii=False).encode() + b"\n")

        def _answer(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads who looked."""

    return Handler
