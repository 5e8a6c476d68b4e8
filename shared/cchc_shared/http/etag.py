"""Strong entity tags: the aggregate's version is its tag."""

from typing import Annotated

from fastapi import Depends, Header

from cchc_shared.http.problems import FieldError, Problem, invalid


def etag(version: int) -> str:
    """The entity tag of a version: `"5"`."""
    return f'"{version}"'


async def _if_match(
    if_match: Annotated[
        str, Header(alias="If-Match", max_length=64, description="The ETag of the version that the caller saw")
    ],
) -> int:
    digits = if_match.strip().removeprefix('"').removesuffix('"')
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise invalid([FieldError("header.If-Match", "không phải ETag của hệ thống này", "is not an ETag of ours")])
    return int(digits)


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
