"""The manifest of a backup, in `manifest.json` beside its files."""

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from cchc_embedded.admin.place import Refused
from cchc_embedded.installation import CONTACT_KEY
from feedback_api.reports.contacts import key_id
from feedback_api.settings import contact_keys

FILE = "manifest.json"
Kind = Literal["dump", "base"]


class BackupFile(BaseModel):
    """One file of a backup."""

    bytes: int
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BackupManifest(BaseModel):
    """Everything about a backup but its data."""

    format: Literal[1] = 1
    kind: Kind
    taken_at: AwareDatetime
    version: str = Field(description="Of the system that made it")
    postgres: str = Field(description="Version of the server")
    database: str
    migrations: Mapping[str, str] = Field(description="Schema → the newest migration that was applied")
    kafka: bool = Field(description="Whether events travelled over Kafka")
    contact_key: str | None = Field(description="Id of the key that sealed contacts then; no key can be found from it")
    files: Mapping[str, BackupFile]

    def write(self, folder: Path) -> None:
        """Put it beside the files that it lists."""
        (folder / FILE).write_text(self.model_dump_json(indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: Path) -> "BackupManifest":
        """That of a backup whose files are all there and unchanged. Raises `Refused`."""
        try:
            found = cls.model_validate_json((folder / FILE).read_bytes())
        except FileNotFoundError as error:
            raise Refused(f"không phải bản sao lưu · {folder} is no backup: it has no {FILE}") from error
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"]))
            raise Refused(f"không đọc được · {folder / FILE} cannot be read: {place}") from error
        for name, entry in found.files.items():
            file = folder / name
            if not file.is_file() or digest(file) != entry:
                raise Refused(f"tệp hỏng hoặc thiếu · {file} is missing or is not what was written")
        return found


def own_version() -> str:
    """The version of this system."""
    return version("cchc-embedded")


def digest(file: Path) -> BackupFile:
    """Size and hash of a file."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    return BackupFile(bytes=file.stat().st_size, sha256=found)


def contact_key_ids(secrets: Path) -> list[str]:
    """Which keys open contacts here, the one that seals first: those of the environment, else those of the file."""
    kept = json.loads(secrets.read_text()) if secrets.exists() else {}
    given = os.environ.get("CCHC_CONTACT_KEY") or kept.get(CONTACT_KEY)
    return [key_id(key) for key in contact_keys(given)] if given else []
