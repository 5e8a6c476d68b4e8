"""Settings of this service beyond those that every service has."""

from typing import NamedTuple, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from cchc_shared.files.settings import StorageSettings

_PORTS = {"smtp": 587, "smtps": 465}


class MailServer(NamedTuple):
    """Where mails are handed in. `tls`: from the first byte. `upgraded`: by STARTTLS or not at all."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    upgraded: bool


class WorkerSettings(StorageSettings):
    """Settings of tasks-worker."""

    smtp_url: SecretStr | None = Field(
        default=None,
        repr=False,
        alias="CCHC_SMTP_URL",
        description="Mail server: `smtps://user:password@host:465`, or `smtp://…:587` with STARTTLS. "
        "Absent: no mail is sent",
    )
    mail_from: str | None = Field(
        default=None,
        alias="CCHC_MAIL_FROM",
        pattern=r"^[^\s@<>\x00-\x1f]+@[A-Za-z0-9.-]+$",
        description="Address from which mails come; needed with CCHC_SMTP_URL",
    )

    @field_validator("smtp_url")
    @classmethod
    def _mail_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                address = urlsplit(value.get_secret_value())
                fits = address.scheme in _PORTS and bool(address.hostname) and address.port != 0
            except ValueError:
                fits = False
            if not fits:  # the value is not shown: it may hold a password
                raise ValueError("CCHC_SMTP_URL: write smtp://host:port or smtps://host:port")
        return value

    @model_validator(mode="after")
    def _sender(self) -> Self:
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("CCHC_MAIL_FROM is needed with CCHC_SMTP_URL")
        return self

    @property
    def mail_server(self) -> MailServer | None:
        """The server in `smtp_url`. In production a password is sent over TLS only."""
        if self.smtp_url is None:
            return None
        address = urlsplit(self.smtp_url.get_secret_value())
        tls = address.scheme == "smtps"
        return MailServer(
            host=address.hostname or "",
            port=address.port or _PORTS[address.scheme],
            user=unquote(address.username) if address.username else None,
            password=unquote(address.password) if address.password else None,
            tls=tls,
            upgraded=not tls and bool(address.password) and self.environment == "production",
        )
