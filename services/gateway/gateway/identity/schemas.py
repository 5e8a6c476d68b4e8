"""Request and response models of development tokens."""

from typing import Annotated, Literal

from pydantic import Field

from cchc_shared.contract.codes import Role
from cchc_shared.http.schemas import In, Out, bounded


class TokenRequest(In):
    """The caller that the token identifies."""

    sub: Annotated[str, bounded(128, min_length=1)]
    roles: Annotated[list[Role], Field(min_length=1, max_length=len(Role))]
    unit: Annotated[str, bounded(100, min_length=1)] | None = Field(
        default=None, description="Code of the unit a member of staff works for"
    )


class IssuedToken(Out):
    """A token as OAuth 2 issues it; send it as `Authorization: Bearer …`."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the type, not a token
    expires_in: int = Field(description="Seconds")


class JsonWebKey(Out):
    """An Ed25519 public key (RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class KeySet(Out):
    """The keys with which development tokens can be checked."""

    keys: list[JsonWebKey]
