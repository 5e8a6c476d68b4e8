"""The forms that clients send: form-urlencoded or multipart, with parameters of the query beside them."""

import re
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.problems import unreadable, unsupported_media_type
from cchc_shared.http.text import clean

URLENCODED: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MOST_FIELDS: Final = 500
_ATTRIBUTE: Final = re.compile(r"attribute\[([^\[\]]{1,100})\](\[\])?")

Fields = list[tuple[str, str]]
"""Names and values in their order; clean, and none of them empty."""


async def fields_of(request: Request) -> Fields:
    """All that the client sent. Raises a problem for a body that is no form, and `RuleBroken` for files."""
    given = list(request.query_params.multi_items())
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == MULTIPART:
        given += await _multipart(request)
    elif media == URLENCODED or not await request.body():
        given += _urlencoded(await request.body())
    else:
        raise unsupported_media_type(f"{URLENCODED}, {MULTIPART}")
    return [(clean(name), text) for name, value in given if (text := clean(value).strip())]


def _urlencoded(body: bytes) -> Fields:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except UnicodeDecodeError as error:
        raise unreadable(FieldError("body", "không phải UTF-8 hợp lệ", "is not valid UTF-8")) from error
    except ValueError as error:
        raise _too_many() from error


async def _multipart(request: Request) -> Fields:
    fields: Fields = []
    try:
        async with request.form(max_files=MOST_FIELDS, max_fields=MOST_FIELDS) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    raise RuleBroken(
                        name,
                        "chưa nhận tệp; gửi địa chỉ của ảnh ở media_url",
                        "files are not taken yet; send the address of the picture in media_url",
                    )
                fields.append((name, value))
    except MultiPartException as error:
        raise unreadable(FieldError("body", "không đọc được nội dung", "cannot be read")) from error
    return fields


def _too_many() -> RuleBroken:
    return RuleBroken("body", f"có quá {MOST_FIELDS} trường", f"has more than {MOST_FIELDS} fields")


def attributes_in(fields: Fields) -> dict[str, list[str]]:
    """The values of each `attribute[code]` or `attribute[code][]`, in the order of the form."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        if attribute := _ATTRIBUTE.fullmatch(name):
            found.setdefault(attribute[1], []).append(value)
    return found


def named(fields: Fields, names: set[str], lists: set[str]) -> dict[str, str | list[str]]:
    """The fields with these names; of one sent twice the last counts, unless it is a list."""
    found: dict[str, str | list[str]] = {name: value for name, value in fields if name in names - lists}
    for name in lists:
        if values := [value for each, value in fields if each == name]:
            found[name] = values
    return found
