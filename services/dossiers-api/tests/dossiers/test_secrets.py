"""Whoever has the code and a secret of a receipt sees that dossier, and no other."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from dossiers_api.dossiers import repository

from ..conftest import CODE, HOME_AFFAIRS, ITEM, JUSTICE, Service

OTHER = "H26.33-261102-0002"


async def asked(service: Service, caller: dict[str, str], code: str = CODE) -> httpx.Response:
    return await service.client.post(f"/v1/dossiers/{code}/tracking-secrets", headers=caller)


async def seen(service: Service, secret: str, code: str = CODE) -> int:
    headers = {"X-Tracking-Secret": secret}
    answer = await service.client.get(f"/v1/dossiers/{code}", headers=headers)
    return answer.status_code


async def test_a_receipt_shows_its_dossier_alone(service: Service) -> None:
    await service.send(ITEM, ITEM | {"dossier": OTHER})
    secret = (await asked(service, service.system)).json()["tracking_secret"]
    assert await service.get(CODE, {"X-Tracking-Secret": secret}) == await service.get(CODE)
    wrong = secret[:-2] + ("AA" if secret[-2:] != "AA" else "BA")
    assert [await seen(service, secret, OTHER), await seen(service, wrong), await seen(service, "")] == [404] * 3
    assert (await service.client.get(f"/v1/dossiers/{CODE}")).status_code == 404
    async with service.here.engine.connect() as conn:
        kept = str((await conn.execute(text("SELECT to_jsonb(t)::text FROM dossier_secret t"))).scalars().all())
    assert secret not in kept


async def test_receipts_printed_again_hold_side_by_side(
    service: Service, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MOST_SECRETS", 2)
    await service.send(ITEM)
    given = []
    for _ in range(3):
        given.append((await asked(service, service.system)).json()["tracking_secret"])
        clock.advance(timedelta(minutes=1))
    assert [await seen(service, each) for each in given] == [404, 200, 200]


async def test_who_handles_it_may_ask_for_one(service: Service) -> None:
    await service.send(ITEM)
    callers = {
        "its unit": (service.tokens(sub="a", roles=["officer"], unit=HOME_AFFAIRS), 201),
        "another unit": (service.tokens(sub="b", roles=["officer"], unit=JUSTICE), 404),
        "another system": (service.tokens(sub="one-stop-2", roles=["system"]), 404),
        "a citizen": (service.tokens(sub="c", roles=["citizen"]), 403),
    }
    for who, (caller, status) in callers.items():
        assert (await asked(service, caller)).status_code == status, who
    assert (await asked(service, service.system, OTHER)).status_code == 404
