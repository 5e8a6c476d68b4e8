"""Addresses that must not be forwarded, as the service could take them for others."""

from typing import Any

import pytest

from gateway.forwarding.heads import ambiguous, answer_headers, request_head
from gateway.upstreams.connection import Answer


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/tasks/../../metrics",
        b"/v1/tasks/%2e%2e/metrics",
        b"/v1/tasks/.%2E/metrics",
        b"/v1/tasks/..",
        b"/v1/tasks/./x",
        b"/v1/tasks//x",
        b"/v1/tasks/a%2Fb",
        b"/v1/tasks/a%5cb",
        b"/v1/tasks/a\\b",
        b"/v1/tasks/a%00b",
    ],
)
def test_a_path_with_two_meanings_is_not_forwarded(path: bytes) -> None:
    assert ambiguous(path)


@pytest.mark.parametrize("path", [b"/v1/tasks/a..b", b"/v1/tasks/KH-01.2024", b"/v1/tasks/%C4%90%20a", b"/v1/..."])
def test_ordinary_paths_are(path: bytes) -> None:
    assert not ambiguous(path)


@pytest.mark.parametrize(
    ("client", "told"),
    [
        (("192.0.2.7", 0), b"192.0.2.7"),
        (("2001:db8::1", 0), b"2001:db8::1"),
        (("unknown", 0), None),
        (("cafÃ©", 0), None),
        (("192.0.2.7\r\nx: y", 0), None),
        (("", 0), None),
        (None, None),
    ],
)
def test_only_an_address_is_told_of_a_caller(client: tuple[str, int] | None, told: bytes | None) -> None:
    scope: dict[str, Any] = {
        "method": "GET",
        "raw_path": b"/v1/tasks",
        "query_string": b"",
        "headers": [],
        "client": client,
        "scheme": "https",
    }
    head = request_head(scope, {}, service="tasks-api", trace="00-a-b-01", identity=b"i", framing=b"", seconds=8.2)
    found = [line for line in head.split(b"\r\n") if line.startswith(b"x-forwarded-for")]
    assert found == ([] if told is None else [b"x-forwarded-for: " + told])
    assert b"x-forwarded-proto: https" in head
    assert b"\r\nx-timeout-seconds: 8\r\n" in head


def test_whatever_connection_names_stays_with_the_connection() -> None:
    said = [(b"connection", b"X-One, x-two"), (b"x-one", b"1"), (b"connection", b"x-three"), (b"x-three", b"3")]
    kept = [(b"x-four", b"4")]
    assert answer_headers(Answer(200, said + kept), b"i") == [*kept, (b"x-request-id", b"i")]
