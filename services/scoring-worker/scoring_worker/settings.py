"""Settings of the scoring service."""

import base64
import binascii
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, SecretBytes

from cchc_shared.service.settings import ServiceSettings

KEY_BYTES: Final = 32


def _key(value: object) -> object:
    """A key as it is written in the environment; nothing where it is empty."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        key = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError("must be 32 bytes")
    return key


class ScoringSettings(ServiceSettings):
    """Settings of the scoring worker and API."""

    index_sets: Path | None = Field(
        default=None, alias="CCHC_INDEX_SETS", description="Folder with index sets; beside the profile when not given"
    )
    components_key: Annotated[SecretBytes | None, BeforeValidator(_key)] = Field(
        default=None,
        repr=False,
        alias="CCHC_COMPONENTS_KEY",
        description="32 random bytes in base64: signs exported components. Absent: they carry their hash alone",
    )

    @property
    def index_sets_folder(self) -> Path:
        return self.index_sets or self.profile.parent / "index_sets"
