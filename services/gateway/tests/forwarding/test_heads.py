"""Addresses that must not be forwarded, as the service could take them for others."""

import pytest

from gateway.forwarding.heads import ambiguous


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
