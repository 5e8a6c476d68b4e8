"""What is to go says so in its answers, the short way and through the layers."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from cchc_embedded.contracts import applications
from cchc_shared.http.document import openapi_document
from gateway.openapi.deprecations import SINCE, Deprecations
from tests.support.upstreams import OpenGateway, Service, serving

OLD: dict[str, Any] = {"deprecated": True, "x-deprecated-since": "2026-12-01", "x-sunset": "2027-06-01"}
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/v1/tasks/{code}": {"get": OLD, "post": {}},
        "/v1/tasks/mine": {"get": {}},
        "/v1/feedback": {"post": {**OLD, "x-sunset": None}, "get": {"deprecated": True}},
    }
}


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/v1/tasks/2026-1", [b"deprecation", b"sunset"]),
        ("GET", "/v1/tasks/mine", []),
        ("GET", "/v1/tasks/2026-1/history", []),
        ("POST", "/v1/tasks/2026-1", []),
        ("POST", "/v1/feedback", [b"deprecation"]),
        ("GET", "/v1/feedback", []),
    ],
)
def test_only_what_is_to_go_says_so(method: str, path: str, names: list[bytes]) -> None:
    assert [name for name, _ in Deprecations([DOCUMENT]).headers(method, path)] == names


def test_where_nothing_is_to_go_nothing_is_said() -> None:
    assert Deprecations([]).headers("GET", "/v1/tasks") == []


def test_every_deprecated_operation_of_ours_says_since_when() -> None:
    for name, app in applications().items():
        for path, item in openapi_document(app)["paths"].items():
            for operation in item.values():
                assert not operation.get("deprecated") or SINCE in operation, (name, path)


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://app.example"}])
def test_an_answer_has_both_days(open_gateway: OpenGateway, headers: dict[str, str]) -> None:
    service = Service("/v1/tasks", "/v1/feedback")
    assert service.contract is not None
    service.contract["paths"]["/v1/tasks"]["get"] |= OLD
    with (
        serving(service) as url,
        open_gateway(url, cors_origins="https://app.example") as gateway,
        httpx.Client(base_url=gateway, headers=headers) as client,
    ):
        for _ in range(2):  # the first makes the connection that the second finds at hand
            answer = client.get("/v1/tasks")
        other = client.get("/v1/feedback")
    since = datetime.fromtimestamp(int(answer.headers["Deprecation"].removeprefix("@")), UTC)
    assert since == datetime(2026, 12, 1, tzinfo=UTC)
    assert parsedate_to_datetime(answer.headers["Sunset"]) == datetime(2027, 6, 1, tzinfo=UTC)
    assert "Deprecation" not in other.headers
