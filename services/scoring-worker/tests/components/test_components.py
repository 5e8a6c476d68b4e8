"""Components: of what was published alone, with the hash of its link and a signature that anybody can check."""

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from pydantic import SecretBytes

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.components.domain import component
from scoring_worker.components.signing import Signer
from scoring_worker.seasons.domain import DATES
from scoring_worker.settings import ScoringSettings
from tests.support.scoring import ScoringService
from tests.support.seasons import SET, WEEK, Caller, unit

PATH = "/v1/components/SMALL/1"


def test_anybody_checks_the_signature_by_the_public_key() -> None:
    signer = Signer(bytes(range(32)))
    signature = signer.sign({"score": "1.50", "unit": "so-y-te"})
    key = jwt.PyJWK(signer.public)
    assert jwt.api_jws.decode(signature, key, algorithms=["EdDSA"]) == b'{"score":"1.50","unit":"so-y-te"}'
    assert jwt.get_unverified_header(signature)["kid"] == signer.public["kid"]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.api_jws.decode(Signer(bytes(32)).sign({"score": "1.50"}), key, algorithms=["EdDSA"])


def test_a_field_is_exported_with_where_it_was_published() -> None:
    part = {"unit": "so-a", "fields": [{"code": "1", "score": "7.00", "max": "10"}, {"code": "2"}]}
    heading = {"code": "SMALL", "version": "1", "sha256": "a", "template": False}
    link = {
        "chain": {"owner": None},
        "set": {**heading, "fields": [{"code": "1", "name": "Quy chế", "name_en": "Rule books"}]},
        "season": {"code": "DC-2026-000001", "period": "2026-H1"},
        "number": 2,
        "sha256": "b",
        "published_at": "2026-07-01T00:00:00Z",
        "units": [part],
    }
    found = component(link, "1")
    assert found is not None
    assert (found["link"], found["link_sha256"], found["set_sha256"]) == (2, "b", "a")
    assert found["units"] == [{"unit": "so-a", "score": "7.00", "max": "10"}]
    assert component(link, "2") is None


@pytest.mark.parametrize(("key", "fine"), [("", True), (base64.b64encode(bytes(32)).decode(), True), ("x", False)])
def test_the_key_is_32_bytes_or_none(key: str, fine: bool) -> None:
    given: dict[str, Any] = {"database_url": "postgresql://x/y", "jwks_url": "file:///x", "CCHC_PROFILE": Path("x")}
    if fine:
        assert (ScoringSettings(**given, CCHC_COMPONENTS_KEY=key).components_key is None) == (key == "")
    else:
        with pytest.raises(ValueError, match="CCHC_COMPONENTS_KEY"):
            ScoringSettings(**given, CCHC_COMPONENTS_KEY=key)


@pytest.fixture
def settings(settings: ScoringSettings) -> ScoringSettings:
    """With a key."""
    return settings.model_copy(update={"components_key": SecretBytes(bytes(range(32)))})


async def test_only_what_was_published_is_exported(service: ScoringService, clock: FixedClock) -> None:
    await service.apply([unit("so-a"), unit("so-b")])
    assert (await service.load(SET)).status_code == 201
    board = Caller(service, ("scoring_board",))
    system = Caller(service, ("system",))
    season = await board.open()
    head = Caller(service, ("unit_head",), "so-a")
    await head.enter(season, "so-a", "self-scores", {"criterion": "1.1", "points": 7, "calculation": "3,5 × 2"})
    assert (await system.send("GET", PATH, query={"period": "2026-H1"})).status_code == 404
    clock.advance(WEEK * len(DATES[:-1]))
    await board.act(season, "publish")
    found = await system.get(PATH, period="2026-H1")
    assert found["units"] == [
        {"unit": "so-a", "score": 7, "max": 10},
        {"unit": "so-b", "score": None, "max": 0},
    ]
    [link] = (await board.get(f"{season}/publication/links"))["items"]
    assert (found["link"], found["link_sha256"]) == (1, link["sha256"])
    [key] = (await system.get("/v1/components/keys"))["keys"]
    signed = json.loads(jwt.api_jws.decode(found["signature"], jwt.PyJWK(key), algorithms=["EdDSA"]))
    assert signed["units"][0] == {"unit": "so-a", "score": "7.00", "max": "10"}
    assert signed.keys() == found.keys() - {"signature"}
    assert (await system.send("GET", PATH, query={"period": "2026"})).status_code == 404
    assert (await system.send("GET", "/v1/components/SMALL/9", query={"period": "2026-H1"})).status_code == 404
