"""Settings of services that keep files."""

from pydantic import Field

from cchc_shared.service.settings import ServiceSettings


class StorageSettings(ServiceSettings):
    """Where files are kept: for the API, and for the worker that removes them."""

    attachments_url: str | None = Field(
        default=None,
        pattern=r"^(file:///|s3://|memory:///)",
        description="Where attachments are kept: `file:///folder`, or `s3://bucket/prefix`, whose keys and endpoint "
        "are read from `AWS_…`; the same for API and worker. Absent: none are taken",
    )


class TakingSettings(StorageSettings):
    """Of the API that takes them."""

    attachments_scanner: str | None = Field(
        default=None,
        description="Who looks for malware in attachments: `clamd:///socket` or `clamd://host:3310`; or a command, "
        "which reads the file and ends with 0 (clean) or 1 (infected). Absent: nobody does",
    )
