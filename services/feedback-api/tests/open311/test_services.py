"""Discovery, the list of services and their definitions."""

from typing import Any

import msgspec
import pytest
import yaml
from pydantic import JsonValue

from feedback_api import rulebook
from feedback_api.open311.rules import Open311Rules

from ..conftest import PROFILE
from . import oracle
from .conftest import Open311


async def test_discovery_names_every_field(open311: Open311) -> None:
    found = await open311.one("discovery", "discovery")
    assert found["endpoints"][0]["url"] == "http://feedback/open311/v2"
    assert found["endpoints"][0]["type"] == "production"


async def test_every_category_is_a_service(open311: Open311) -> None:
    rules = rulebook.load(PROFILE, Open311Rules)
    found = {each["service_code"]: each for each in await open311.get("services", "services")}
    assert found.keys() == rules.categories.names.keys()
    assert found["lighting"]["service_name"] == "Chiếu sáng"
    assert {code for code, each in found.items() if each["metadata"]} == {"lighting", "flooding"}
    assert {each["type"] for each in found.values()} == {"realtime", "batch"}
    english = await open311.get("services", "services", language="en")
    assert "Street lighting" in {each["service_name"] for each in english}


async def test_a_definition_has_each_datatype_in_one_order(open311: Open311) -> None:
    found = await open311.one("services/flooding", "service_definition")
    attributes = found["attributes"]
    assert [each["order"] for each in attributes] == list(range(1, len(attributes) + 1))
    assert {each["datatype"] for each in attributes} == {
        *("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
    }
    assert all(("values" in each) == each["datatype"].endswith("list") for each in attributes)
    assert [each["code"] for each in attributes if not each["variable"]] == ["fixmystreet_id"]
    assert await open311.one("services/trees", "service_definition") == {"service_code": "trees", "attributes": []}


async def test_an_unknown_service_is_404(open311: Open311) -> None:
    status, (said,) = await open311.refused("services/nothing")
    assert (status, said) == (404, "Không tìm thấy service_code này.")
    english = await open311.refused("services/nothing", headers={"Accept-Language": "en"})
    assert english == (404, ["Cannot find this service_code."])


@pytest.mark.parametrize("path", ["services.yaml", "services", "services/trees.csv", "nothing.json", "requests.", ""])
async def test_an_unknown_form_or_resource_is_plain_text(open311: Open311, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = await open311.client.request(method, f"/open311/v2/{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")


async def test_what_other_cities_want_is_ignored(open311: Open311) -> None:
    query = {"jurisdiction_id": "hanoi.vn", "api_key": "", "locale": "fi", "group": "x"}
    assert len(await open311.get("services", "services", query)) == 8
    assert await open311.get("requests", "service_requests", {**query, "status": "", "page": ""}) == []


async def test_a_broken_token_is_told_in_the_form_of_open311(open311: Open311) -> None:
    status, _ = await open311.refused("requests", headers={"Authorization": "Basic x"})
    assert status == 401


def _document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PROFILE / rulebook.FILE).read_text("utf-8"))
    return found


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("fallback", "nothing"),
        ("services.trees", None),
        ("services.trees.type", "blackbox"),
        ("services.trees.kind", "gossip"),
        ("services.flooding.attributes.extent.values", {}),
        ("services.flooding.attributes.since.values", {"a": {"vi": "a", "en": "a"}}),
        ("changeset", "2026-01-01T00:00:00"),
    ],
)
def test_a_faulty_part_is_refused(path: str, value: object) -> None:
    document = _document()
    *above, name = path.split(".")
    place = document["open311"]
    for each in above:
        place = place[each]
    if value is None:
        del place[name]
    else:
        place[name] = value
    with pytest.raises(ValueError):  # noqa: PT011 - each fault has its own words
        msgspec.convert(document, Open311Rules)


def test_nothing_here_claims_to_be_official() -> None:
    assert rulebook.load(PROFILE, Open311Rules).open311.status == "R"


def test_the_oracle_finds_faults() -> None:
    faults: dict[str, JsonValue] = {"services": [{"service_code": "x"}], "errors": [], "created": [{}]}
    for shape, wrong in faults.items():
        with pytest.raises(ValueError):  # noqa: PT011 - the library's own
            oracle.check(shape, wrong)
