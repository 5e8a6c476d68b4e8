"""A file is judged as it would be taken, and nothing of it is kept."""

import json
from typing import Any

import httpx
import pytest

from cchc_embedded.paths import REPOSITORY
from dossiers_api.intake.checks import AT_ONCE, MOST_JUDGED, Checks
from dossiers_api.intake.schemas import Section
from tests.support.dossier_days import MISTAKES

from ..conftest import CODE, ITEM, Service, item
from .test_days import sent, written
from .test_vocabulary import ITEM as NATIONAL

OWN = NATIONAL | {"MaHoSo": "H26.33-261102-0007"}
DAY = (
    written(ITEM, item("handled", "2026-11-13T09:00"), OWN, OWN | {"MaHoSo": "H26.33-261102-0008", "NgayTiepNhan": "?"})
    + b"\n{nothing\n"
    + written(
        ITEM,  # a repeat
        ITEM | {"fee_charged": True},  # the same delivery with another content
        item("registered", "2026-11-14T09:00"),  # it cannot have been registered after it was handled
        *(ITEM | wrong for _, wrong in MISTAKES),
    )
)


async def judged(service: Service, content: bytes) -> dict[str, Any]:
    answer = await asked(service, content)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def asked(service: Service, content: bytes, kind: str = "application/x-ndjson") -> httpx.Response:
    return await service.client.post("/v1/dossiers/checks", content=content, headers={"Content-Type": kind})


async def test_a_file_is_judged_as_the_intake_takes_it_and_nothing_is_kept(service: Service) -> None:
    found = await judged(service, DAY)
    assert await service.events() == []
    *refused, _, last = await sent(service, DAY)
    said = [{name: value for name, value in each.items() if value is not None} for each in found["wrong"]]
    assert said == [{**each, "section": one["section"]} for each, one in zip(refused, said, strict=True)]
    assert len(refused) == 4 + len(MISTAKES)
    assert found["lines"] == sum(last[name] for name in ("accepted", "duplicate", "rejected"))


async def test_what_is_known_here_is_not_looked_at(service: Service) -> None:
    await service.send(ITEM)
    assert (await judged(service, written(ITEM | {"fee_charged": True})))["wrong"] == []


async def test_each_line_names_the_section_of_the_guide(service: Service) -> None:
    named = {each["line"]: each["section"] for each in (await judged(service, DAY))["wrong"]}
    assert (named[4], named[6], named[8]) == (Section.NATIONAL, Section.DAY, Section.DELIVERY)
    guide = (REPOSITORY / "docs/guides/dossiers.md").read_text("utf-8").splitlines()
    assert [each for each in Section if f"## {each}" not in guide] == []


async def test_lines_beyond_the_most_are_not_looked_at(service: Service) -> None:
    others = (ITEM | {"dossier": f"{CODE[:-4]}{number:04}"} for number in range(MOST_JUDGED + 2))
    found = await judged(service, b"\n" + written(*others))
    assert [(each["line"], each["problem"]["code"]) for each in found["wrong"]] == [(MOST_JUDGED + 2, "invalid")]


async def test_nothing_but_lines_is_judged(service: Service) -> None:
    answer = await asked(service, json.dumps({"items": [ITEM]}).encode(), "application/json")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert await judged(service, b"") == {"lines": 0, "wrong": []}


async def test_whoever_comes_while_others_are_judged_comes_again(service: Service) -> None:
    places, others = service.here.use(Checks).places, [object() for _ in range(AT_ONCE)]
    for each in others:
        places.acquire_on_behalf_of_nowait(each)
    answer = await asked(service, DAY)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    for each in others:
        places.release_on_behalf_of(each)
    assert (await asked(service, DAY)).status_code == 200


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[" * 3000 + b"\n", b"null\n", b"1" * 20_000 + b"\n"])
async def test_whatever_stands_in_a_line_is_named_by_its_number(service: Service, content: bytes) -> None:
    found = await judged(service, content + written(ITEM))
    assert [each["line"] for each in found["wrong"]] == [1]
