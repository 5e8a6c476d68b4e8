"""Settings of the scoring service."""

from pathlib import Path

from pydantic import Field

from cchc_shared.service.settings import ServiceSettings


class ScoringSettings(ServiceSettings):
    """Settings of the scoring worker and API."""

    index_sets: Path | None = Field(
        default=None, alias="CCHC_INDEX_SETS", description="Folder with index sets; beside the profile when not given"
    )

    @property
    def index_sets_folder(self) -> Path:
        return self.index_sets or self.profile.parent / "index_sets"
