"""Request and response models of keys."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Path
from pydantic import Field, StringConstraints

from cchc_shared.http.field_errors import pattern
from cchc_shared.http.schemas import In, Out
from cchc_shared.identity.api_keys import ID_LENGTH, KeyKind
from notify.keys.domain import Refusal

ID: Final = pattern(
    rf"^[0-9A-Za-z]{{{ID_LENGTH}}}$",
    vi="không phải mã của một khóa: đó là phần giữa của `prefix`",
    en="is not the id of a key: that is the last part of its prefix",
)
KeyId = Annotated[str, Path(max_length=ID_LENGTH, pattern=ID, description="Id of a key: the last part of its prefix")]
Days = Annotated[int, Field(ge=1, le=3650, description="How long it holds; the city sets a bound")]


class KeyIn(In):
    """A key that is to be made."""

    kind: KeyKind = Field(description="`live`, or `test`: goes through everything, and counts nowhere")
    days: Days


class RotationIn(In):
    """A key that is to take another's place."""

    days: Days
    overlap_hours: Annotated[int, Field(ge=0, le=10_000)] = Field(
        description="How long the one before holds beside it; the city sets a bound"
    )


class KeyOut(Out):
    """A key, without what opens anything."""

    id: str
    kind: KeyKind
    prefix: str = Field(description="How the key begins: what may be shown of it")
    created_at: datetime
    created_by: str = Field(description="Subject of the token of whoever made it")
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To about a minute")


class IssuedKey(KeyOut):
    """A key that was made."""

    key: str | None = Field(
        description="The key itself, this once. Nobody can read it later: a repeated request is answered without it"
    )


class KeyList(Out):
    """Keys of a system, the newest first."""

    items: list[KeyOut]


class ExchangeIn(In):
    """A key as it was sent to the gateway."""

    key: Annotated[str, StringConstraints(max_length=200)]


class Exchanged(Out):
    """The token that stands for a key, or why there is none."""

    token: str | None = None
    refused: Refusal | None = None
