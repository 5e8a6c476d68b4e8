"""Settings of notify."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes

from cchc_shared.service.settings import ServiceSettings, key_bytes


class WebhookSettings(ServiceSettings):
    """Settings of each process that makes or uses secrets of webhooks."""

    webhooks_key: Annotated[SecretBytes, BeforeValidator(key_bytes)] = Field(
        repr=False,
        alias="CCHC_WEBHOOKS_KEY",
        description="32 random bytes in base64: what the secrets of webhooks are derived from, none of which is kept",
    )
    webhooks_to_loopback: bool = Field(
        default=False, description="Webhooks may lead to this machine itself, over http too: for development"
    )


class NotifySettings(WebhookSettings):
    """Settings of the API of notify."""

    systems_key: Annotated[SecretBytes, BeforeValidator(key_bytes)] = Field(
        repr=False,
        alias="CCHC_SYSTEMS_KEY",
        description="32 random bytes in base64: signs the tokens that connected systems get for their keys",
    )
