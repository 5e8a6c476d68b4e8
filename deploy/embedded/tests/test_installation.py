"""What an installation decides holds for as many instances as may be asked for."""

from pathlib import Path

import pytest

from cchc_embedded.installation import SERVICES, Installation, service_of
from cchc_embedded.settings import MOST_INSTANCES, Settings
from cchc_shared.service.settings import DatabaseSettings

pytestmark = pytest.mark.unit
KEPT_BACK = 3
"""Connections that PostgreSQL keeps for superusers (`superuser_reserved_connections`)."""


@pytest.mark.parametrize("count", ["1", str(MOST_INSTANCES)])
@pytest.mark.parametrize("pool", ["", "64"])
def test_the_server_has_room_for_the_pools_of_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: str, pool: str
) -> None:
    given = {"WORKERS": count, "APIS": count, "POOL_SIZE": pool, "KAFKA_BOOTSTRAP_SERVERS": "broker:9092"}
    monkeypatch.setenv("CCHC_DATA_DIR", str(tmp_path))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    here = Installation.of(Settings.read(given))
    pools = 0
    for part in here.services():
        if SERVICES[service_of(part)][1] is None:
            continue
        with monkeypatch.context() as process:
            for name, value in here.environment(part).items():
                process.setenv(name, value)
            pools += DatabaseSettings().pool_size
    [room] = [each for each in here.postgres.command() if each.startswith("--max_connections=")]
    assert pools <= int(room.partition("=")[2]) - KEPT_BACK
