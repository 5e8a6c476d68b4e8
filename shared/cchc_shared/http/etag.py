"""Entity tags: the aggregate's version is its tag, so one version has one tag however it travelled."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from starlette.types import Scope

from cchc_shared.contract.provenance import Text
from cchc_shared.http import kinds
from cchc_shared.http.field_errors import FieldError, pattern
from cchc_shared.http.problems import Problem, invalid

Tag = int | str
"""What stands between the quotes: a version, with more words where versions of several things could meet."""

# RFC 9110, 8.8.3 and 5.6.1: others' tags are opaque, and members of a list may be empty. Beside them, a bare version.
_TAG: Final = r'((W/)?"[\x21\x23-\x7e\x80-\xff]*"|[0-9]{1,9})'
_NO_TAGS: Final = Text(
    "phải là ETag đã nhận, danh sách ETag, hoặc *", "must be an ETag that was sent to you, a list of them, or *"
)
TAGS: Final = pattern(rf"^(\*|(,[ \t]*)*{_TAG}[ \t]*(,[ \t]*({_TAG}[ \t]*)?)*)$", vi=_NO_TAGS.vi, en=_NO_TAGS.en)
LONGEST: Final = 2000
_OPAQUE: Final = re.compile(r'"([^"]*)"|([0-9]+)')
_MOVED: Final = "cchc.moved"


def etag(tag: Tag) -> str:
    """The entity tag of a version: `"5"`."""
    return f'"{tag}"'


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """The tags that a caller names: `version in seen`. `tags` is None for `*`: whichever there is."""

    tags: frozenset[str] | None

    @classmethod
    def of(cls, tag: Tag) -> "SeenVersion":
        """One tag."""
        return cls(frozenset((str(tag),)))

    def __contains__(self, tag: Tag) -> bool:
        return self.tags is None or str(tag) in self.tags

    def newest(self, current: int) -> int | None:
        """The newest version of which the caller names the tag, up to the current one; None where no tag is one."""
        if self.tags is None:
            return current
        versions = (int(tag) for tag in self.tags if tag.isdecimal())
        return max((version for version in versions if version <= current), default=None)


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Preconditions that a caller set for a change; None where the header was absent."""

    match: SeenVersion | None
    none_match: SeenVersion | None

    def check(self, current: Tag | None) -> None:
        """Raises the 412 problem unless they hold; `current` is None where there is no such thing yet."""
        if self.match is not None and (current is None or current not in self.match):
            raise stale(current)
        if self.none_match is not None and current is not None and current in self.none_match:
            raise stale(current)


_tags = partial(Header, min_length=1, max_length=LONGEST, pattern=TAGS)


async def _if_match(
    request: Request,
    if_match: Annotated[
        str,
        _tags(
            alias="If-Match",
            description='ETag of the version you saw: `"5"`; several with commas between; or `*` for any',
        ),
    ],
) -> SeenVersion:
    return _seen(request, "If-Match", if_match)


async def _preconditions(
    request: Request,
    if_match: Annotated[
        str | None, _tags(alias="If-Match", description="Change the resource only if its ETag is still this one")
    ] = None,
    if_none_match: Annotated[
        str | None, _tags(alias="If-None-Match", description="`*`: create the resource only if it does not exist")
    ] = None,
) -> Preconditions:
    return Preconditions(
        None if if_match is None else _seen(request, "If-Match", if_match),
        None if if_none_match is None else _seen(request, "If-None-Match", if_none_match),
    )


def _seen(request: Request, name: str, first: str) -> SeenVersion:
    # RFC 9110, 5.3: lines of one name are one list. The framework hands over, and has checked, the first.
    lines = request.headers.getlist(name)
    given = first if len(lines) == 1 else ", ".join(lines)
    if len(lines) > 1 and not re.search(TAGS, given):
        raise invalid([FieldError(f"header.{name}", _NO_TAGS.vi, _NO_TAGS.en)])
    # RFC 9110 compares strongly here, because a weak tag could stand for two texts. Ours is a version, and a proxy that
    # compresses makes it weak without changing what it stands for.
    return SeenVersion(None if given == "*" else frozenset(quoted or bare for quoted, bare in _OPAQUE.findall(given)))


IfMatch = Annotated[SeenVersion, Depends(_if_match)]
"""The versions the caller saw. 428 when the header is missing."""

IfAsked = Annotated[Preconditions, Depends(_preconditions)]
"""For what may also be changed unseen: `If-Match` and `If-None-Match` are honoured where they are sent."""


def show_version(request: Request, response: Response, tag: Tag, *, lasting: bool = True) -> None:
    """Give an answer its tag, in most cases the version.

    `lasting` is false when the answer may differ from an earlier one of the same version: because time passed, or
    because of something beside it. It is then sent whole even to a caller who has the version.
    """
    response.headers["ETag"] = etag(tag)
    if not lasting:
        request.scope[_MOVED] = True


def unchanged(scope: Scope, if_none_match: bytes, tag: bytes) -> bool:
    """Whether the caller has the answer already, so that 304 says enough."""
    if _MOVED in scope:
        return False
    known = [each.strip().removeprefix(b"W/") for each in if_none_match.split(b",")]
    return b"*" in known or tag in known


def stale(current: Tag | None) -> Problem:
    """412: someone changed it since the caller looked; `current` is None where there is no such thing."""
    return Problem(kinds.STALE, headers={} if current is None else {"ETag": etag(current)})
