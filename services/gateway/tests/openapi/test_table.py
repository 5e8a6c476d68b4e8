"""Who owns a path, as the services' contracts say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.openapi.table import GATEWAY, Conflict, RouteTable
from tests.support.upstreams import contract_of

Document = dict[str, Any]

DOCUMENTS: dict[str, Document] = {
    "tasks-api": contract_of(
        "/v1/tasks", "/v1/tasks/{code}/actions/{action}", "/v1/tasks/import", "/v1/calendar/deadline"
    ),
    "feedback-api": contract_of(
        "/v1/feedback/{code}", "/v1/statistics/feedback", "/v1/tasks/reported/{code}", "/open311/v2/services.{format}"
    ),
    GATEWAY: contract_of("/dev/tokens"),
}
TABLE = RouteTable.of(DOCUMENTS)


@pytest.mark.parametrize(
    ("path", "prefix", "service"),
    [
        ("/v1/tasks", "/v1/tasks", "tasks-api"),
        ("/v1/tasks/T-1/actions/start", "/v1/tasks", "tasks-api"),
        ("/v1/tasks/import", "/v1/tasks", "tasks-api"),
        ("/v1/tasks/reported/PA-1", "/v1/tasks/reported", "feedback-api"),
        ("/v1/tasks/reportedx", "/v1/tasks", "tasks-api"),
        ("/v1/calendar/deadline", "/v1/calendar/deadline", "tasks-api"),
        ("/v1/feedback", "/v1/feedback", "feedback-api"),
        ("/open311/v2/services.xml", "/open311/v2", "feedback-api"),
        ("/open311/v2/nothing.yaml", "/open311/v2", "feedback-api"),
        ("/v1/statistics/feedback/x", "/v1/statistics/feedback", "feedback-api"),
        ("/dev/tokens", "/dev/tokens", GATEWAY),
    ],
)
def test_a_path_belongs_to_its_longest_prefix(path: str, prefix: str, service: str) -> None:
    assert TABLE.find(path) == (prefix, service)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/statistics",
        "/v1/statistics/dossiers",
        "/v1/calendar",
        "/v1/tasksx",
        "/v1",
        "/",
        "",
        "/metrics",
        "//v1/tasks",
    ],
)
def test_a_path_of_no_contract_belongs_to_nobody(path: str) -> None:
    assert TABLE.find(path) is None
    assert TABLE.serves(GATEWAY, path)
    assert not TABLE.serves("tasks-api", path)


@given(st.sampled_from(sorted(TABLE.routes)), st.lists(st.text("abc-.%", max_size=4), max_size=4))
def test_what_is_below_a_prefix_belongs_to_it(prefix: str, rest: list[str]) -> None:
    assert TABLE.find("/".join([prefix, *rest])) == TABLE.routes[prefix]


PATHS = st.lists(st.sampled_from(["v1", "a", "b", "{x}"]), min_size=1, max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)


@given(st.dictionaries(st.sampled_from(["s1", "s2", "s3"]), st.lists(PATHS, min_size=1, max_size=5)))
def test_every_path_has_one_owner_who_documents_a_prefix_of_it(paths: dict[str, list[str]]) -> None:
    table = RouteTable.of({service: contract_of(*own) for service, own in paths.items()})
    for service, own in paths.items():
        for path in own:
            owners = [name for name in [*paths, GATEWAY] if table.serves(name, path)]
            assert len(owners) == 1
            if path.startswith("/{"):
                assert owners == [GATEWAY]  # nothing may claim every path
            elif owners != [service]:
                prefix = path.partition("/{")[0]
                assert Conflict(prefix, owners[0], service) in table.conflicts


def test_a_path_claimed_twice_stays_with_the_first_by_name_and_both_are_named() -> None:
    table = RouteTable.of({"b": contract_of("/v1/x/{id}"), "a": contract_of("/v1/x"), GATEWAY: contract_of("/v1/x")})
    assert table.conflicts == [Conflict("/v1/x", GATEWAY, "a"), Conflict("/v1/x", GATEWAY, "b")]
    assert RouteTable.of({"b": contract_of("/v1/x/{id}"), "a": contract_of("/v1/x")}).find("/v1/x/1") == ("/v1/x", "a")
