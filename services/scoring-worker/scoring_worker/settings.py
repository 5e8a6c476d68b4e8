"""Settings of the scoring service."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes

from cchc_shared.service.settings import ServiceSettings, key_bytes


class ScoringSettings(ServiceSettings):
    """Settings of the scoring worker and API."""

    index_sets: Path | None = Field(
        default=None, alias="CCHC_INDEX_SETS", description="Folder with index sets; beside the profile when not given"
    )
    components_key: Annotated[SecretBytes | None, BeforeValidator(key_bytes)] = Field(
        default=None,
        repr=False,
        alias="CCHC_COMPONENTS_KEY",
        description="32 random bytes in base64: signs exported components. Absent: they carry their hash alone",
    )

    @property
    def index_sets_folder(self) -> Path:
        return self.index_sets or self.profile.parent / "index_sets"
