"""Makes the calls of a tour over plain HTTP, each as its caller."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import httpx

from tests.support.contracts import documents
from tests.support.steps import CALLERS, Call
from tests.support.tour import tour, toured
from tests.support.waiting import until_now

FORM = "application/x-www-form-urlencoded"

Operations = Mapping[str, tuple[str, str, Mapping[str, Any]]]
"""Id of an operation → method, path template, and what the contract says of it."""

CONTRACT: Final[Mapping[str, Any]] = json.loads(documents()["openapi/gateway.json"])
TOURED: Final[Operations] = {
    operation["operationId"]: (method, path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if toured(operation)
}


class Traveller:
    """The callers of a tour. `client(subject, *roles, unit=…)` makes a client for one of them, and closes it."""

    def __init__(self, client: Callable[..., httpx.Client], operations: Operations = TOURED) -> None:
        self._operations = operations
        self._clients = {name: client(f"{name} on tour", *roles, unit=unit) for name, (roles, unit) in CALLERS.items()}

    def make(self, call: Call, **more: str) -> httpx.Response:
        """The answer; `more` are headers beside those that the call needs."""
        return self._clients[call.caller].send(self.request(call, **more))

    def request(self, call: Call, **more: str) -> httpx.Request:
        """The request that `make` sends."""
        method, path, operation = self._operations[call.operation]
        as_form = FORM in operation.get("requestBody", {}).get("content", {})
        given: dict[str, Any] = {} if call.body is None else {"data" if as_form else "json": call.body}
        if call.body is not None and "file" in call.body:
            fields = {name: value for name, value in call.body.items() if name != "file"}
            file = call.body["file"]
            content = file if isinstance(file, bytes) else file.encode()
            given = {"data": fields, "files": {"file": ("annex.txt", content, "text/plain")}}
        if call.raw is not None:
            media, text = call.raw
            given, more = {"content": text.encode()}, more | {"Content-Type": media}
        more |= call.headers
        headers = more if call.version is None else {**more, "If-Match": f'"{call.version}"'}
        client = self._clients[call.caller]
        return client.build_request(method, path.format(**call.path), params=dict(call.query), headers=headers, **given)


def travelled(traveller: Traveller) -> Iterator[tuple[Call, httpx.Response]]:
    """Each call of the tour with its answer."""
    guide = tour()
    call = next(guide)
    while True:
        answer = traveller.make(call)
        if call.operation.startswith("scores."):  # what was done a moment ago may still be on its way there
            answer = until_now(partial(traveller.make, call), lambda found: found.status_code == HTTPStatus.OK)
        assert answer.status_code == call.status, f"{call}: {answer.status_code} {answer.text}"
        yield call, answer
        try:
            call = guide.send(answer.json())
        except StopIteration:
            return
