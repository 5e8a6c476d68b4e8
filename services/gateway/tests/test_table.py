import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.forwarding.heads import ambiguous
from gateway.forwarding.table import OWNERS, prefix_of


@pytest.mark.parametrize(
    ("path", "prefix"),
    [
        ("/v1/tasks", "/v1/tasks"),
        ("/v1/tasks/T-1/actions/start", "/v1/tasks"),
        ("/v1/statistics/feedback", "/v1/statistics/feedback"),
        ("/v1/statistics/feedback/x", "/v1/statistics/feedback"),
        ("/v1/statistics", None),
        ("/v1/statistics/dossiers", None),
        ("/v1/tasksx", None),
        ("/v1", None),
        ("/", None),
        ("", None),
        ("/metrics", None),
        ("/readyz", None),
        ("/docs", None),
        ("/dev/tokens", None),
        ("//v1/tasks", None),
    ],
)
def test_a_path_belongs_to_its_longest_prefix(path: str, prefix: str | None) -> None:
    assert prefix_of(path) == prefix


@given(st.sampled_from(sorted(OWNERS)), st.lists(st.text("abc-.%", max_size=4), max_size=4))
def test_everything_below_a_prefix_belongs_to_it(prefix: str, rest: list[str]) -> None:
    assert prefix_of("/".join([prefix, *rest])) == prefix


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
