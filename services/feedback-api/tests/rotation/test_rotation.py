"""Seals of former keys are sealed again, in pages that may end at any place."""

import asyncio
import base64
import hashlib

import pytest
from sqlalchemy import select, update

from cchc_shared.service import logs
from feedback_api.reports.contacts import Contact, ContactCipher, Seal, key_id
from feedback_api.reports.models import contacts
from feedback_api.rotation import __main__ as command
from feedback_api.rotation import service as rotation
from feedback_api.rotation.service import Rotated, rotate
from feedback_api.settings import FeedbackSettings

from ..conftest import Service

NEW = hashlib.sha256(b"the next key").digest()


async def reports(service: Service, count: int) -> dict[str, Contact]:
    """Reports with contacts, by code; the first was sealed before seals named their key."""
    sent = {}
    for number in range(count):
        answer = await service.post({"reporter": {"name": f"Nguyễn Văn {number}"}})
        sent[answer.json()["code"]] = Contact(f"Nguyễn Văn {number}")
    async with service.here.engine.begin() as conn:
        await conn.execute(update(contacts).where(contacts.c.code == min(sent)).values(key_id=None))
    return sent


async def opened(service: Service, cipher: ContactCipher) -> dict[str, Contact]:
    rows = await service.rows(select(contacts.c.code, contacts.c.key_id, contacts.c.sealed))
    return {code: cipher.open(code, Seal(key, sealed)) for code, key, sealed in rows}


async def test_everything_is_under_the_first_key_afterwards(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAGE", 2)
    sent = await reports(service, 5)
    (old,) = service.here.settings.keys  # type: ignore[attr-defined]
    both = ContactCipher([NEW, old])
    assert await rotate(service.here.engine, both) == Rotated(5, 0, {key_id(NEW): 5})
    assert await opened(service, ContactCipher([NEW])) == sent
    assert await rotate(service.here.engine, both) == Rotated(0, 0, {key_id(NEW): 5})


async def test_the_command_says_what_it_did(
    service: Service, settings: FeedbackSettings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await reports(service, 2)
    monkeypatch.setattr(logs, "configure", lambda *_: None)  # it is for the whole process
    for name in ("database_url", "jwks_url", "profile"):
        alias = "CCHC_PROFILE" if name == "profile" else name.upper()
        monkeypatch.setenv(alias, str(getattr(settings, name)))
    for keys, code, said in (
        ([NEW, *settings.keys], 0, f"sealed again: 2\nkey {key_id(NEW)} (seals): 2\n"),
        (settings.keys, 1, f"sealed again: 0\nkey {key_id(NEW)}: 2\nno known key opens 2;"),
    ):
        monkeypatch.setenv("CCHC_CONTACT_KEY", ",".join(base64.b64encode(key).decode() for key in keys))
        assert await asyncio.to_thread(command.main) == code
        assert said in capsys.readouterr().out


async def test_what_no_key_opens_stays_and_is_counted(service: Service) -> None:
    sent = await reports(service, 3)
    (old,) = service.here.settings.keys  # type: ignore[attr-defined]
    rotated = await rotate(service.here.engine, ContactCipher([NEW]))
    assert (rotated.sealed_again, rotated.unreadable) == (0, 3)
    assert sum(rotated.by_key.values()) == 3
    assert await opened(service, ContactCipher([old])) == sent


async def test_reports_come_in_and_are_corrected_meanwhile(service: Service) -> None:
    """A rotation that ended between two changes leaves them to the next one."""
    await reports(service, 1)
    (old,) = service.here.settings.keys  # type: ignore[attr-defined]
    both = ContactCipher([NEW, old])
    await rotate(service.here.engine, both)
    await reports(service, 2)  # an API that has not the new setting yet
    rotated = await rotate(service.here.engine, both)
    assert (rotated.sealed_again, rotated.by_key) == (2, {key_id(NEW): 3})
