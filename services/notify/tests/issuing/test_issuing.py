"""Keys by command: the key alone on the standard output, and a reason where there is none."""

import os
import subprocess
import sys

import pytest

from cchc_embedded.paths import REPOSITORY
from cchc_shared.identity.api_keys import read_key
from notify.settings import NotifySettings

from ..conftest import SYSTEM, SYSTEMS_KEY, WEBHOOKS_KEY, Service


def command(settings: NotifySettings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "JWKS_URL": settings.jwks_url or "",
        "CCHC_PROFILE": str(REPOSITORY / "data" / "hanoi"),
        "CCHC_SYSTEMS_KEY": SYSTEMS_KEY,
        "CCHC_WEBHOOKS_KEY": WEBHOOKS_KEY,
        "ENVIRONMENT": "embedded",
    }
    run = [sys.executable, "-m", "notify.issuing", *arguments]
    return subprocess.run(run, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - a command of ours


async def test_a_key_is_made_rotated_and_revoked(service: Service, settings: NotifySettings) -> None:
    await service.connect()
    made = command(settings, SYSTEM["code"], "--days", "30")
    assert made.returncode == 0, made.stderr
    key = read_key(made.stdout.removesuffix("\n"))
    assert key is not None
    assert key.text.removeprefix(key.prefix) not in made.stderr
    rotated = command(settings, SYSTEM["code"], "--rotate", key.id, "--overlap-hours", "0", "--days", "30")
    newer = read_key(rotated.stdout.removesuffix("\n"))
    assert newer is not None
    revoked = command(settings, SYSTEM["code"], "--revoke", newer.id)
    assert (revoked.returncode, revoked.stdout, revoked.stderr) == (0, "", f"{newer.prefix} revoked\n")
    items = (await service.call("GET", f"/v1/systems/{SYSTEM['code']}/keys")).json()["items"]
    assert {each["id"]: each["revoked_at"] is None for each in items} == {key.id: True, newer.id: False}
    assert all(each["created_by"].startswith("command:") for each in items)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["another"], "connected system"),
        ([SYSTEM["code"], "--days", "366"], "at most 365"),
        ([SYSTEM["code"], "--revoke", "a" * 12], "this key"),
    ],
)
async def test_what_cannot_be_is_told(
    service: Service, settings: NotifySettings, arguments: list[str], said: str
) -> None:
    await service.connect()
    refused = command(settings, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert said in refused.stderr
