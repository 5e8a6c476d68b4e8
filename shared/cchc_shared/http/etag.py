"""Entity tags: the aggregate's version is its tag, so one version has one tag however it travelled."""

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from starlette.types import Scope

from cchc_shared.http import kinds
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.problems import Problem

_TAG: Final = r'(W/)?"?[0-9]{1,9}"?'
IF_MATCH: Final = pattern(
    rf"^(\*|{_TAG}( ?, ?{_TAG}){{0,9}})$",
    vi="phải là ETag đã nhận, danh sách ETag, hoặc *",
    en="must be an ETag that was sent to you, a list of them, or *",
)
_VERSION: Final = re.compile(r"[0-9]+")
_MOVED: Final = "cchc.moved"


def etag(version: int) -> str:
    """The entity tag of a version: `"5"`."""
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Seen:
    """The versions that a caller saw: `version in seen`. `versions` is None for `*`: whichever there is."""

    versions: frozenset[int] | None

    @classmethod
    def of(cls, version: int) -> "Seen":
        """One version."""
        return cls(frozenset((version,)))

    def __contains__(self, version: int) -> bool:
        return self.versions is None or version in self.versions


async def _if_match(
    if_match: Annotated[
        str,
        Header(
            alias="If-Match",
            min_length=1,
            max_length=200,
            pattern=IF_MATCH,
            description='The ETag of the version you saw: `"5"`. A list of them, or `*` for whichever there is',
        ),
    ],
) -> Seen:
    # RFC 9110 compares strongly here, because a weak tag could stand for two texts. Ours is a version, and a proxy that
    # compresses makes it weak without changing what it stands for.
    return Seen(None if if_match == "*" else frozenset(map(int, _VERSION.findall(if_match))))


IfMatch = Annotated[Seen, Depends(_if_match)]
"""The versions the caller saw. 428 when the header is missing."""


def show_version(request: Request, response: Response, version: int, *, lasting: bool = True) -> None:
    """Give an answer its tag.

    `lasting` is false when the answer may differ from an earlier one of the same version: because time passed, or
    because of something beside it. It is then sent whole even to a caller who has the version.
    """
    response.headers["ETag"] = etag(version)
    if not lasting:
        request.scope[_MOVED] = True


def unchanged(scope: Scope, if_none_match: bytes, tag: bytes) -> bool:
    """Whether the caller has the answer already, so that 304 says enough."""
    if _MOVED in scope:
        return False
    known = [each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")]
    return b"*" in known or tag in known


def stale(current: int) -> Problem:
    """412: someone changed it since the caller looked."""
    return Problem(kinds.STALE, headers={"ETag": etag(current)})
