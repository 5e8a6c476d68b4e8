"""Settings of notify."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretBytes

from cchc_shared.service.settings import ServiceSettings, key_bytes


class NotifySettings(ServiceSettings):
    """Settings of the API of notify."""

    systems_key: Annotated[SecretBytes, BeforeValidator(key_bytes)] = Field(
        repr=False,
        alias="CCHC_SYSTEMS_KEY",
        description="32 random bytes in base64: signs the tokens that connected systems get for their keys",
    )
