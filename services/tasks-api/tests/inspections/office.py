"""Inspections for tests: planned, started and concluded through the API by who does it in a city."""

from datetime import date
from typing import Any

from tests.support.http import Headers, Json
from tests.support.tasks import Api

INSPECTING, INSPECTED, OTHER, STRANGER = "so-noi-vu", "so-tu-phap", "so-y-te", "so-tai-chinh"
DUE = date(2024, 6, 30)


class Office:
    """Takes steps of inspections, and raises where one is refused."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.inspector, self.head = api.officer(INSPECTING), api.head(INSPECTED)

    async def plan(self, **more: object) -> dict[str, Any]:
        """By default unannounced."""
        body = {
            "inspecting_unit": INSPECTING,
            "inspected_unit": INSPECTED,
            "subject": "Kỷ cương hành chính",
            "unannounced": True,
            "planned_from": "2024-06-04",
        } | more
        return await self.done("POST", "/v1/inspections", self.api.coordinator, json=body, status=201)

    async def act(self, thing: Json, action: str, who: Headers, **body: object) -> dict[str, Any]:
        """The thing after an action; which resource it is, its code tells."""
        return await self.done("POST", path_of(thing, action), who | seen(thing), json=body)

    async def started(self, **more: object) -> dict[str, Any]:
        return await self.act(await self.plan(**more), "start", self.inspector)

    async def concluded(self, *trees: Json, **more: object) -> dict[str, Any]:
        """An inspection with these conclusions."""
        inspection = await self.started(**more)
        return await self.act(
            inspection, "conclude", self.inspector, conclusion_no="12/KL-SNV", conclusions=list(trees)
        )

    async def carried_out(self, recommendation: Json) -> dict[str, Any]:
        """The recommendation, reported and confirmed."""
        responsible = self.api.officer(str(recommendation["responsible_unit"]))
        reported = await self.act(recommendation, "report", responsible, content="Đã làm")
        return await self.act(reported, "confirm", self.inspector)

    async def progress(self, who: Headers | None = None, **query: str | None) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value is not None}
        answer = await self.api.get("/v1/inspections/progress", who or self.api.coordinator, **given)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def done(
        self, method: str, path: str, who: Headers, *, json: Json | None = None, status: int = 200
    ) -> dict[str, Any]:
        answer = await self.api.send(method, path, who, json=json)
        assert answer.status_code == status, answer.text
        return dict(answer.json())


def seen(thing: Json) -> Headers:
    """The header that names the version which the test saw."""
    return {"If-Match": f'"{thing["version"]}"'}


def path_of(thing: Json, action: str = "") -> str:
    resource = "recommendations" if "." in str(thing["code"]) else "inspections"
    return f"/v1/{resource}/{thing['code']}" + (f"/actions/{action}" if action else "")


def tree(number: int, count: int = 0, /, **more: object) -> dict[str, Any]:
    """A conclusion with so many recommendations, as a body says it."""
    below = [{"number": each + 1, "text": f"Việc {each + 1}"} for each in range(count)]
    due = {"due_on": DUE.isoformat()} if below else {}
    return {"number": number, "text": f"Kết luận {number}", "recommendations": below} | due | more
