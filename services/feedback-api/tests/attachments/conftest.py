"""A report, and the people around it, for tests of attachments."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, Headers, People, Service
from .files import jpeg

Shown = dict[str, Any]
"""An attachment as it is answered."""
STEPS = ("assign", "accept", "draft_answer", "approve_answer", "publish")


@dataclass
class Report:
    """A report of the citizen, held by the unit of the officer once it is assigned."""

    service: Service
    people: People
    code: str
    secret: Headers
    version: int = 1

    @property
    def path(self) -> str:
        return f"/v1/feedback/{self.code}/attachments"

    async def attach(
        self, content: bytes | None = None, who: str | Headers = "citizen", /, key: str | None = None, **words: str
    ) -> httpx.Response:
        """Send a file, by default a picture."""
        file = {"file": ("Nguyễn Văn A.jpg", jpeg() if content is None else content, "image/jpeg")}
        headers = self.headers(who) | ({"Idempotency-Key": key} if key else {})
        return await self.service.client.post(self.path, files=file, data=words, headers=headers)

    async def attached(self, content: bytes | None = None, who: str | Headers = "citizen", /, **words: str) -> Shown:
        answer = await self.attach(content, who, **words)
        assert answer.status_code == 201, answer.text
        shown: Shown = answer.json()
        return shown

    async def get(self, which: str = "", who: str | Headers = "citizen", /, **headers: str) -> httpx.Response:
        path = f"{self.path}/{which}" if which else self.path
        return await self.service.client.get(path, headers=self.headers(who) | headers)

    async def seen(self, who: str | Headers) -> list[str] | None:
        """Ids of what somebody sees; None for whom there is no report."""
        answer = await self.get("", who)
        return [each["id"] for each in answer.json()["items"]] if answer.status_code == 200 else None

    async def decide(self, which: str, action: str, who: str) -> httpx.Response:
        return await self.service.client.post(f"{self.path}/{which}/actions/{action}", headers=self.headers(who))

    async def advance(self, last: str) -> None:
        """Take the report through every step until this one."""
        body: dict[str, Any] = {
            "draft_answer": {"answer": "Xong", "outcome": "resolved"},
            "assign": {"unit": HOME_AFFAIRS},
        }
        for action in STEPS[self.version - 1 : STEPS.index(last) + 1]:
            who = "desk" if action == "assign" else "head"
            answer = await self.service.act(self.code, action, self.people[who], self.version, body.get(action))
            assert answer.status_code == 200, answer.text
            self.version += 1

    def headers(self, who: str | Headers) -> Headers:
        if isinstance(who, dict):
            return who
        return {"secret": self.secret, "nobody": {}}.get(who) or self.people.get(who, {})


@pytest.fixture
async def report(service: Service, people: People) -> Report:
    answer = await service.post(None, **people["citizen"])
    return Report(service, people, answer.json()["code"], {"X-Tracking-Secret": answer.json()["tracking_secret"]})


@pytest.fixture
def stored(settings: FeedbackSettings) -> Path:
    """The folder with everything that is kept."""
    return Path(str(settings.attachments_url).removeprefix("file://"))


def kept(stored: Path) -> list[Path]:
    """Every file in the storage."""
    return sorted(file for file in stored.rglob("*") if file.is_file())
