"""A season through the API, by the roles that take part in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from scoring_worker.seasons.domain import DATES, Season
from tests.support.events import event_of
from tests.support.http import Json
from tests.support.scoring import ScoringService

NOW: Final = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""Where the clock of the tests stands at first."""
WEEK: Final = timedelta(days=7)
SET: Final = """\
code: SMALL
version: "1"
title: {vi: Bộ chỉ số nhỏ, en: A small set}
source: unofficial default
status: R
effective_from: 2026-01-01
places: 2
ranking: 1-2-2-4
missing: exclude
kinds: [department, section]
points: 30
bands: [{code: good, name: {vi: Tốt, en: Good}, at_least: 80}, {code: weak, name: {vi: Yếu, en: Weak}, at_least: 0}]
exemptions:
  - {criteria: ["1.2"], units: [so-00], reason: {vi: Không làm việc này, en: Does not do it}}
indicators:
  RULE_BOOKS: {name: {vi: Quy chế đạt chuẩn, en: Rule books that meet the standard}, source: council, of: amount}
  TRAINED: {name: {vi: Đã tập huấn, en: Trained}, source: declared, of: share}
  WARNINGS: {name: {vi: Bị phê bình, en: Reprimands}, source: council, of: amount}
  SATISFIED: {name: {vi: Hài lòng, en: Satisfied}, source: survey, of: share}
fields:
  - code: "1"
    name: {vi: Quy chế, en: Rule books}
    criteria:
      - {code: "1.1", name: {vi: Đạt chuẩn, en: Standard}, max: 10, indicator: RULE_BOOKS, rule: {kind: count, each: 2}}
      - {code: "1.2", name: {vi: Tập huấn, en: Training}, max: 10, indicator: TRAINED, rule: {kind: linear}}
  - code: "2"
    name: {vi: Khảo sát, en: Survey}
    criteria:
      - {code: "2.1", name: {vi: Hài lòng, en: Satisfaction}, max: 10, indicator: SATISFIED, rule: {kind: linear}}
  - code: "3"
    name: {vi: Điểm trừ, en: Penalty}
    adds: penalty
    cap: 5
    criteria:
      - code: "3.1"
        name: {vi: Bị phê bình, en: Reprimands}
        max: 5
        indicator: WARNINGS
        rule: {kind: count, each: 1}
"""


def unit(code: str, kind: UnitKind = UnitKind.DEPARTMENT, parent: str | None = None) -> Event:
    """A unit of the directory, as its event says."""
    return event_of(UnitDefined(code=code, name=f"Đơn vị {code}", kind=kind, parent=parent), code, 1, NOW)


def known_season(**changed: object) -> Season:
    """A season whose stages take a week each, as it is in the database."""
    known: dict[str, Any] = {
        "id": 1,
        "code": "DC-2026-000001",
        "title": "Đợt 1 năm 2026",
        "owner": None,
        "set_code": "SMALL",
        "set_version": "1",
        "set_sha256": "0",
        "period": "2026-H1",
        "appraisers": {"1": "so-noi-vu"},
        "findings_below": None,
        "opened_at": NOW,
        **{name: NOW + WEEK * place for place, name in enumerate(DATES, start=1)},
    }
    return Season(**{**known, **changed})


def opening(**changed: object) -> Json:
    """The body that opens a season whose stages take a week each."""
    dates = {name: (NOW + WEEK * place).isoformat() for place, name in enumerate(DATES, start=1)}
    return {"title": "Đợt 1 năm 2026", "set": "SMALL", "period": "2026-H1", **dates, **changed}


@dataclass(frozen=True)
class Caller:
    """Somebody with roles, maybe of a unit."""

    service: ScoringService
    roles: tuple[str, ...]
    unit: str | None = None

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        version: int | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> httpx.Response:
        """The answer, whatever it is."""
        headers = self.service.headers(roles=self.roles, unit=self.unit)
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.service.client.request(method, path, json=body, headers=headers, params=dict(query or {}))

    async def get(self, path: str, **query: str | int) -> Json:
        """What is there."""
        answer = await self.send("GET", path, query=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def open(self, **changed: object) -> str:
        """Open a season; its path."""
        answer = await self.send("POST", "/v1/seasons", opening(**changed))
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def act(self, season: str, action: str, body: Mapping[str, object] | None = None) -> Json:
        """Take an action on a season as it is now."""
        version = (await self.get(season))["version"]
        answer = await self.send("POST", f"{season}/actions/{action}", body or {}, version=version)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def attempt(self, season: str, unit: str, what: str, *items: Json) -> httpx.Response:
        """Enter something on a unit's card as it is now; the answer, whatever it is."""
        return await self.send("PUT", f"{season}/units/{unit}/{what}", {"items": items}, version=await self._now(unit))

    async def enter(self, season: str, unit: str, what: str, *items: Json) -> Json:
        """The same, where it must be taken; the card after it."""
        answer = await self.attempt(season, unit, what, *items)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def _now(self, unit: str) -> int:
        [(version,)] = await self.service.rows(
            f"SELECT version FROM season_unit WHERE unit = '{unit}' ORDER BY season_id DESC LIMIT 1"
        )
        return int(version)


def criterion(card: Json, code: str) -> Json:
    """A criterion of a card."""
    [found] = [each for each in card["criteria"] if each["criterion"] == code]
    return dict(found)
