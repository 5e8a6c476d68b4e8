"""Open311 as its clients speak to it: each question in both forms, each answer held against the specification."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from feedback_api.reports.models import feedback
from tests.support.http import Json
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, People, Service
from . import oracle

PLACE = {"lat": "21.028511", "long": "105.804817"}
APP = "app-key"
OTHER = "other-key"


def _errors(answer: httpx.Response, form: str) -> tuple[int, list[str]]:
    """The words of each error. All have the status of the answer for code."""
    errors: Any = oracle.read(answer, form, "errors")
    if form == "json":
        oracle.check("errors", errors)
    assert {str(each["code"]) for each in errors} == {str(answer.status_code)}
    return answer.status_code, [each["description"] for each in errors]


class Open311:
    """A client."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.client = service.client

    async def get(self, path: str, root: str, query: dict[str, str] | None = None, language: str = "vi") -> list[Json]:
        """The items of an answer, whose XML says the same as its JSON."""
        found = await self._get(path, root, query, language)
        assert isinstance(found, list)
        return found

    async def one(self, path: str, root: str) -> Json:
        """An answer that is one object."""
        found = await self._get(path, root, None, "vi")
        assert isinstance(found, dict)
        return found

    async def _get(self, path: str, root: str, query: dict[str, str] | None, language: str) -> object:
        headers, found = {"Accept-Language": language}, {}
        for form in ("json", "xml"):
            answer = await self.client.get(f"/open311/v2/{path}.{form}", params=query, headers=headers)
            assert answer.status_code == 200, answer.text
            found[form] = oracle.read(answer, form, root)
        oracle.check("token" if path.startswith("tokens/") else root, found["json"])
        assert oracle.as_text(found["json"]) == found["xml"]
        return found["json"]

    async def refused(
        self, path: str, query: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, list[str]]:
        """Status and words of an error, the same in both forms."""
        told = []
        for form in ("json", "xml"):
            answer = await self.client.get(f"/open311/v2/{path}.{form}", params=query, headers=headers)
            told.append(_errors(answer, form))
        assert told[0] == told[1]
        return told[0]

    async def send(
        self,
        form: str,
        fields: Mapping[str, object] | None = None,
        resource: str = "requests",
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        files: dict[str, Any] | None = None,
        content: str | bytes | None = None,
    ) -> tuple[int, Json]:
        """Status and content of what a form is answered with; of XML every value is text. Errors are in `said`."""
        answer = await self.client.post(
            f"/open311/v2/{resource}.{form}", data=fields, headers=headers, params=params, files=files, content=content
        )
        if answer.status_code >= 400:
            status, said = _errors(answer, form)
            return status, {"said": said}
        root = "service_requests" if resource == "requests" else "service_request_updates"
        found = oracle.read(answer, form, root)
        oracle.check("created" if resource == "requests" else "update_created", found)
        assert isinstance(found, list)
        [item] = found
        assert isinstance(item, dict)
        return answer.status_code, item

    async def sent(self, **fields: str) -> str:
        """The id of a new request."""
        status, created = await self.send("json", {"api_key": APP, "service_code": "lighting", **PLACE, **fields})
        assert status == 201, created
        return str(created["service_request_id"])

    async def sent_about_conduct(self) -> str:
        """The id of a new request of a kind that no service has so far."""
        code = await self.sent()
        async with self.service.here.engine.begin() as conn:
            await conn.execute(update(feedback).where(feedback.c.code == code).values(kind="conduct"))
        return code

    async def listed(self, **query: str) -> list[str]:
        """The ids of a list."""
        return [each["service_request_id"] for each in await self.get("requests", "service_requests", query)]

    async def handle(self, code: str, people: People, *actions: str, version: int = 1) -> None:
        """Take a report of that version, by default one that was just received, through these actions."""
        for seen, action in enumerate(actions, version):
            caller, body = STEPS[action]
            answer = await self.service.act(code, action, people[caller], seen, body)
            assert answer.status_code == 200, answer.text


ANSWER = "Đã thay bóng đèn"
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "assign": ("desk", {"unit": HOME_AFFAIRS}),
    "accept": ("officer", {}),
    "draft_answer": ("officer", {"answer": ANSWER, "outcome": "resolved"}),
    "approve_answer": ("head", {}),
    "publish": ("desk", {}),
    "return": ("officer", {"reason": "out_of_competence"}),
    "rate": ("citizen", {"satisfied": True}),
    "reopen": ("desk", {"reason": "chưa xong"}),
    "close": ("desk", {"outcome": "resolved", "explanation": "đã xong"}),
    "refuse": ("desk", {"reason": "out_of_scope"}),
    "add_note": ("officer", {"note": "đã gọi"}),
}
ANSWERED = ("assign", "accept", "draft_answer", "approve_answer")


async def erase(open311: Open311, code: str, tokens: TestTokens, what: str = "text") -> None:
    """As an operator does it when somebody asks."""
    operator = tokens(sub="operator-1", roles=["operator"])
    body = {"what": what, "reason": "sender_request"}
    answer = await open311.client.post(f"/v1/feedback/{code}/erasures", json=body, headers=operator)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def open311(service: Service) -> Open311:
    return Open311(service)


@pytest.fixture(params=["json", "xml"])
def form(request: pytest.FixtureRequest) -> str:
    """The form of an answer."""
    return str(request.param)
