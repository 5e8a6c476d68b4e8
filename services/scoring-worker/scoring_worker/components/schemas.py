"""Response models of exported components."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from cchc_shared.http.schemas import NO_NUL, Out
from scoring_worker.numbers import Number

OfSet = Annotated[str, Path(max_length=50, pattern=NO_NUL, examples=["CCHC-CITY"])]
OfField = Annotated[str, Path(max_length=50, pattern=NO_NUL, examples=["1"])]


class ComponentUnit(Out):
    unit: str
    score: Number | None = Field(description="Null if nothing in the field was scored")
    max: Number


class Component(Out):
    """A field of an index, as it was published last for a period."""

    owner: str | None
    set: str
    version: str
    set_sha256: str
    template: bool = Field(description="True if no authority has decided the weights of the set")
    field: str
    name: str
    name_en: str
    period: str
    season: str
    link: int
    link_sha256: str = Field(description="Hash of the published document that the points are read from")
    published_at: datetime
    units: list[ComponentUnit]
    signature: str | None = Field(
        description="Compact JSON Web Signature; its payload is this answer without `signature`, numbers as texts. "
        "Null where the installation has no key"
    )


class ComponentKeys(Out):
    """A JSON Web Key Set."""

    keys: list[dict[str, str]] = Field(description="Public keys of Ed25519 (RFC 8037)")
