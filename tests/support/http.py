"""One client for all tests that call the API as somebody.

    with clients(system) as client:
        task = client.as_office().create("/v1/tasks", {"title": "…", "lead_unit": "so-noi-vu"})
        client.as_head("so-noi-vu").act(f"/v1/tasks/{task['code']}", "start")

Answers of calls that must succeed are given as JSON; `send` gives the response itself, whatever it is.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, TypedDict, Unpack

import httpx

Headers = dict[str, str]
Json = dict[str, Any]
"""A JSON object as it is answered: what a test expects of its values is in its assertions, not in their types."""
Query = str | int | float | bool | None
"""The value of a query parameter."""


class Given(TypedDict, total=False):
    """What a request may carry, as httpx takes it."""

    params: Mapping[str, Query]
    headers: Mapping[str, str]
    json: object
    content: bytes | None
    data: Mapping[str, str]
    files: Mapping[str, tuple[str, str | bytes] | tuple[str, bytes, str]]


class Issuer(Protocol):
    """Who signs tokens: a running system, or the tests' own issuer with an address."""

    url: str

    def bearer(self, sub: str, *roles: str, unit: str | None = None) -> Headers: ...


class Client:
    """A caller with a token. Every call names its method's success: anything else fails the test with the answer."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def send(self, method: str, path: str, **given: Unpack[Given]) -> httpx.Response:
        """The response, whatever it is."""
        return self.http.request(method, path, **given)

    def get(self, path: str, **query: Query) -> Json:
        return dict(self._done(self.send("GET", path, params=query), 200).json())

    def create(self, path: str, body: Mapping[str, object], *, key: str | None = None) -> Json:
        """POST that creates something."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return dict(self._done(self.send("POST", path, json=body, headers=headers), 201).json())

    def act(
        self, path: str, action: str, body: Mapping[str, object] | None = None, *, version: int | None = None
    ) -> Json:
        """Take an action on the thing at `path`, as it is now or as it was at `version`; the thing after it."""
        seen = self.version(path) if version is None else version
        reply = self.attempt(path, action, body, version=seen)
        self._done(reply, 200)
        assert reply.headers["ETag"] == f'"{seen + 1}"'
        return dict(reply.json())

    def attempt(
        self, path: str, action: str, body: Mapping[str, object] | None = None, *, version: int | None
    ) -> httpx.Response:
        """The same, whatever the answer; without a version, without If-Match."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.send("POST", f"{path}/actions/{action}", json=body, headers=headers)

    def version(self, path: str) -> int:
        """The version of the thing at `path`, as this caller sees it."""
        return int(self._done(self.send("GET", path), 200).headers["ETag"].strip('"'))

    def pages(self, path: str, **query: Query) -> list[Json]:
        """Every item of a list, page after page."""
        items: list[Json] = []
        while True:
            page = self.get(path, **{"limit": 200, **query})
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            query["cursor"] = page["next_cursor"]

    @staticmethod
    def _done(reply: httpx.Response, status: int) -> httpx.Response:
        assert reply.status_code == status, (
            f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text}"
        )
        return reply


class Clients:
    """Callers by what they are."""

    def __init__(self, issuer: Issuer, stack: ExitStack, timeout: float) -> None:
        self._issuer = issuer
        self._stack = stack
        self._timeout = timeout
        self._known: dict[tuple[str, ...], Client] = {}

    def as_(self, sub: str, *roles: str, unit: str | None = None) -> Client:
        """Anybody; without roles, somebody without a token."""
        key = (sub, *roles, unit or "")
        if key not in self._known:
            headers = self._issuer.bearer(sub, *roles, unit=unit) if roles else {}
            http = httpx.Client(base_url=self._issuer.url, headers=headers, timeout=self._timeout)
            self._known[key] = Client(self._stack.enter_context(http))
        return self._known[key]

    def as_nobody(self) -> Client:
        """Without a token."""
        return self.as_("nobody")

    def as_citizen(self, sub: str = "citizen") -> Client:
        return self.as_(sub, "citizen")

    def as_system(self) -> Client:
        """The software of a channel."""
        return self.as_("channel", "system")

    def as_office(self) -> Client:
        """The co-ordinating office."""
        return self.as_("desk", "coordinator")

    def as_officer(self, unit: str) -> Client:
        return self.as_(f"officer of {unit}", "officer", unit=unit)

    def as_head(self, unit: str) -> Client:
        """The head of a unit, who is its officer too."""
        return self.as_(f"head of {unit}", "officer", "unit_head", unit=unit)

    def as_operator(self) -> Client:
        return self.as_("operator", "operator")


@contextmanager
def clients(issuer: Issuer, timeout: float = 120) -> Iterator[Clients]:
    """Callers of this system; their connections are closed at the end."""
    with ExitStack() as stack:
        yield Clients(issuer, stack, timeout)
