"""Settings that cannot work are refused in one sentence that names them."""

import os
from pathlib import Path

import pytest

from cchc_embedded import prepare
from cchc_embedded.provision import OWNERS
from cchc_embedded.settings import SettingError, Settings

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CCHC_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def test_what_is_not_set_has_a_default(folder: Path) -> None:
    settings = Settings.read({})
    assert (settings.port, settings.ops_port, settings.workers, settings.apis) == (8080, 8081, 1, 1)
    assert (settings.database, settings.kafka, settings.folder) == (None, None, folder)
    assert folder.is_dir()


def test_the_operators_port_follows_the_public_one() -> None:
    assert Settings.read({"CCHC_PORT": "9000"}).ops_port == 9001
    assert Settings.read({"CCHC_PORT": "65535"}).ops_port == 65534
    assert Settings.read({"CCHC_PORT": "9000", "CCHC_OPS_PORT": "7000"}).ops_port == 7000


@pytest.mark.parametrize(
    ("name", "given"),
    [
        *(
            (name, given)
            for name in ("CCHC_PORT", "CCHC_OPS_PORT")
            for given in ("abc", "0", "-1", "99999", "8 0", "٣")
        ),
        *((name, given) for name in ("WORKERS", "APIS") for given in ("0", "many", "13", "1.5")),
    ],
)
def test_a_number_that_cannot_be_is_refused(name: str, given: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}={given}: .* must be a number from 1 to "):
        Settings.read({name: given})


def test_two_servers_cannot_share_a_port() -> None:
    with pytest.raises(SettingError, match="CCHC_OPS_PORT=8080"):
        Settings.read({"CCHC_OPS_PORT": "8080"})


def test_a_file_is_no_data_folder(folder: Path) -> None:
    folder.write_text("mine")
    with pytest.raises(SettingError, match="is a file, not a folder"):
        Settings.read({})
    assert folder.read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCHC_DATA_DIR", "/proc/cchc")  # not even root may
    with pytest.raises(SettingError, match=r"/proc/cchc .* cannot be written to"):
        Settings.read({})


@pytest.mark.parametrize(
    "given",
    ["mysql://x", "postgresql://", "postgresql://host", "postgresql://host/", "postgresql://u:p@host:port/db", "x"],
)
def test_an_address_that_is_none_of_postgresql_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(SettingError, match=r"must look like postgresql://") as refused:
        Settings.read({"DATABASE_URL": given})
    assert "u:p@" not in str(refused.value)


@pytest.mark.parametrize("given", ["postgresql://u:p@host:5432/db", "postgres://host/db?sslmode=require"])
def test_addresses_of_postgresql_are_taken(given: str) -> None:
    assert Settings.read({"DATABASE_URL": given}).database == given


def test_preparing_names_everything_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(f"CCHC_PASSWORD_{role.upper()}" for role in set(OWNERS.values()))
    for name in names[1:]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(names[0], "x")
    monkeypatch.setenv("DATABASE_URL", "")
    with pytest.raises(SystemExit) as ended:
        prepare.main()
    assert ended.value.code == os.EX_CONFIG
    told = capsys.readouterr().err.splitlines()
    assert told == [f"{name}: còn thiếu · is missing" for name in sorted(["DATABASE_URL", *names[1:]])]
