"""Makes the calls of a tour over plain HTTP, each as its caller."""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import httpx

from tests.support.steps import CALLERS, Call
from tests.support.system import System

FORM = "application/x-www-form-urlencoded"

Operations = Mapping[str, tuple[str, str, Mapping[str, Any]]]
"""Id of an operation → method, path template, and what the contract says of it."""


class Traveller:
    """The callers of a tour on one system."""

    def __init__(self, system: System, stack: ExitStack, operations: Operations) -> None:
        self._operations = operations
        self._clients = {
            name: stack.enter_context(system.client(f"{name} on tour", *roles, unit=unit))
            for name, (roles, unit) in CALLERS.items()
        }

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
