"""Surveys in process: a small questionnaire, and the shipped one, opened and answered over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.surveys.domain import Survey
from scoring_worker.surveys.service import Surveys
from tests.support.events import event_of
from tests.support.http import Json, Query
from tests.support.scoring import ScoringService

SIPAS: Final = (Path(__file__).parents[2] / "data" / "hanoi" / "surveys" / "sipas.yaml").read_text("utf-8")
SMALL: Final = """\
code: SMALL
version: "1"
title: {vi: Phiếu nhỏ, en: A small questionnaire}
source: unofficial default
status: R
smallest_group: {ballots: 3, source: unofficial default, status: R}
sample:
  source: unofficial default
  status: R
  quota: 2
  dimensions:
    - code: area
      name: {vi: Nơi, en: Place}
      values: [{code: a, name: {vi: A, en: A}}, {code: b, name: {vi: B, en: B}}]
scales:
  three:
    satisfied: [3]
    answers:
      - {value: 1, name: {vi: kém, en: bad}}
      - {value: 2, name: {vi: vừa, en: fair}}
      - {value: 3, name: {vi: tốt, en: good}}
  two: {answers: [{value: 1, name: {vi: một, en: one}}, {value: 2, name: {vi: hai, en: two}}]}
factors:
  - {code: access, name: {vi: Tiếp cận, en: Access}, indicator: SIPAS_ACCESS}
  - {code: result, name: {vi: Kết quả, en: Result}}
questions:
  - {code: A1, factor: access, scale: three, text: {vi: Một, en: One}}
  - {code: A2, factor: access, scale: three, text: {vi: Hai, en: Two}}
  - {code: R1, factor: result, scale: three, text: {vi: Ba, en: Three}}
  - {code: K, scale: two, text: {vi: Bốn, en: Four}}
"""
OPENS, CLOSES = "2026-06-01T00:00:00+07:00", "2026-06-11T00:00:00+07:00"


class SurveyService:
    """A survey `S` of the questionnaire, about units `A` and `B`, and what is done with it."""

    code = "S-2026"

    def __init__(self, service: ScoringService) -> None:
        self.service = service
        self.surveys = Surveys(service.engine, service.clock)

    async def units(self, **kinds: UnitKind) -> None:
        """The units `A` and `B`, or others."""
        there = datetime(2026, 1, 1, tzinfo=UTC)
        named = kinds or {"A": UnitKind.COMMUNE, "B": UnitKind.DEPARTMENT}
        await self.service.apply(
            event_of(UnitDefined(code=code, name=f"Đơn vị {code}", kind=kind), code, 1, there)
            for code, kind in named.items()
        )

    async def load(self, document: str = SMALL, *, role: str = "scoring_board", **query: Query) -> httpx.Response:
        headers = {**self.service.headers(roles=[role]), "Content-Type": "application/yaml"}
        path = "/v1/questionnaires"
        return await self.service.client.post(path, content=document.encode(), headers=headers, params=query)

    async def open(self, *, role: str = "scoring_board", **given: Any) -> httpx.Response:  # noqa: ANN401 - fields of a body
        body: Json = {
            "code": self.code, "questionnaire": "SMALL", "version": "1", "period": "2026", "units": ["A", "B"],
            "opens_at": OPENS, "closes_at": CLOSES,
        }  # fmt: skip
        return await self.service.post("/v1/surveys", body | given, roles=[role])

    async def begun(self, document: str = SMALL, **given: Any) -> None:  # noqa: ANN401 - fields of a body
        """Units, questionnaire and survey, which is open."""
        await self.units()
        assert (await self.load(document)).status_code == 201
        opened = await self.open(**given)
        assert opened.status_code == 201, opened.text

    async def tokens(self, number: int = 1, *, unit: str = "A", stratum: str = "a") -> list[str]:
        body = {"unit": unit, "stratum": stratum, "number": number}
        made = await self.service.post(f"/v1/surveys/{self.code}/links", body, roles=["scoring_board"])
        assert made.status_code == 201, made.text
        return [each["token"] for each in made.json()["items"]]

    async def cast(self, token: str, answers: Mapping[str, int]) -> httpx.Response:
        """The answer to a ballot. No account is used."""
        body = {"token": token, "answers": dict(answers)}
        return await self.service.client.post(f"/v1/surveys/{self.code}/ballot", json=body)

    async def send(self, *items: Json, role: str = "system") -> httpx.Response:
        return await self.service.post(f"/v1/surveys/{self.code}/responses", {"items": list(items)}, roles=[role])

    async def withdraw(self, reason: str = "mở nhầm kỳ", *, role: str = "scoring_board") -> httpx.Response:
        path = f"/v1/surveys/{self.code}/actions/withdraw"
        return await self.service.post(path, {"reason": reason}, roles=[role])

    async def get(self, path: str = "", **query: Query) -> httpx.Response:
        headers = self.service.headers(roles=["council"])
        return await self.service.client.get(f"/v1/surveys/{self.code}{path}", params=query, headers=headers)

    async def results(self, **query: Query) -> dict[tuple[str, str | None, str | None], Json]:
        """The results by unit, factor and question."""
        answer = await self.get("/results", **{"limit": 200} | query)
        assert answer.status_code == 200, answer.text
        return {(each["unit"], each["factor"], each["question"]): each for each in answer.json()["items"]}

    async def seal(self) -> Survey | None:
        """Run the worker's sweep once."""
        async with self.service.engine.begin() as conn:
            return await self.surveys.seal(conn, self.service.clock.now())


def response(id_: str, *, unit: str = "A", stratum: str = "a", **answers: int) -> Json:
    """A ballot that a system collected."""
    return collected(id_, unit, stratum, answers or {"A1": 3, "A2": 1, "R1": 3, "K": 1})


def collected(id_: str, unit: str, stratum: str, answers: Mapping[str, int]) -> Json:
    """The same, with answers as they are."""
    return {"id": id_, "unit": unit, "stratum": stratum, "answers": dict(answers)}
