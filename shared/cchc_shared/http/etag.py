"""Strong entity tags: the aggregate's version is its tag."""

from typing import Annotated

from fastapi import Depends, Header

from cchc_shared.http.problems import Problem


def etag(version: int) -> str:
    """The entity tag of a version: `"5"`."""
    return f'"{version}"'


async def _if_match(
    if_match: Annotated[
        str, Header(alias="If-Match", pattern=r'^"?[0-9]{1,9}"?$', description='The ETag of the version you saw: `"5"`')
    ],
) -> int:
    return int(if_match.strip('"'))


IfMatch = Annotated[int, Depends(_if_match)]
"""The version the caller saw. 428 when the header is missing."""


def stale(current: int) -> Problem:
    """412: someone changed it since the caller looked."""
    return Problem(
        412,
        "stale",
        vi="Bản ghi đã thay đổi từ lúc bạn xem, hãy tải lại.",
        en="It has changed since you looked; load it again.",
        headers={"ETag": etag(current)},
    )
