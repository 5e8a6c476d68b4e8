"""Settings of `make run`, read and checked before anything is started."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cchc_embedded.paths import data_folder
from cchc_shared.storage.address import async_url
from cchc_shared.storage.pools import LEAST_POOLED, MOST_POOLED, POOL_SIZE

MOST_INSTANCES = 12
"""As many as a topic has partitions: a further worker would have nothing to do."""


class SettingError(Exception):
    """A setting that cannot work, in words for whoever typed it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one embedded installation, each of them usable."""

    folder: Path
    port: int
    ops_port: int
    database: str | None
    kafka: str | None
    workers: int
    apis: int
    pool: int

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises `SettingError`. Makes the data folder."""
        port = _number(environment, "CCHC_PORT", 8080, 1, 65535)
        ops_port = _number(environment, "CCHC_OPS_PORT", port + 1 if port < 65535 else port - 1, 1, 65535)
        if ops_port == port:
            raise SettingError(f"CCHC_OPS_PORT={port}: trùng với CCHC_PORT · is the same as CCHC_PORT")
        return cls(
            folder=_usable(data_folder()),
            port=port,
            ops_port=ops_port,
            database=_database(environment.get("DATABASE_URL") or None),
            kafka=environment.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            workers=_number(environment, "WORKERS", 1, 1, MOST_INSTANCES),
            apis=_number(environment, "APIS", 1, 1, MOST_INSTANCES),
            pool=_number(environment, "POOL_SIZE", POOL_SIZE, LEAST_POOLED, MOST_POOLED),
        )


def _number(environment: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    given = environment.get(name) or str(default)
    if given.isascii() and given.isdigit() and len(given) < 10 and lowest <= int(given) <= highest:
        return int(given)
    raise SettingError(
        f"{name}={given}: phải là một số từ {lowest} đến {highest} · must be a number from {lowest} to {highest}"
    )


def _usable(folder: Path) -> Path:
    advice = "CCHC_DATA_DIR=… make run"
    if folder.exists() and not folder.is_dir():
        raise SettingError(f"{folder} là một tệp, không phải thư mục · is a file, not a folder: {advice}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingError(f"{folder} không ghi được · cannot be written to ({error.strerror}): {advice}") from error
    return folder


def _database(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        address = urlsplit(url)
        fit = address.scheme in {"postgres", "postgresql"} and bool(address.hostname) and len(address.path) > 1
        _ = address.port
    except ValueError:
        fit = False
    if not fit:
        raise SettingError(
            "DATABASE_URL phải có dạng · must look like postgresql://role:password@host:5432/database"
            " (ký tự đặc biệt viết theo phần trăm · special characters percent-encoded)"
        )
    try:
        async_url(url)
    except ValueError as error:
        raise SettingError(f"DATABASE_URL: {error}") from error
    return url
