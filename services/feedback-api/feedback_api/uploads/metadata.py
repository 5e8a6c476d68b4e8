"""The header `Upload-Metadata` of tus: names, each with a value in base64."""

import base64
import binascii
import re
from typing import Annotated, Final

from fastapi import Header
from pydantic import Field, ValidationError

from cchc_shared.http.field_errors import FieldError, field_error, field_path, pattern
from cchc_shared.http.problems import invalid
from cchc_shared.http.schemas import bounded
from feedback_api.attachments.schemas import Words
from feedback_api.reports.schemas import CODE

FIELD: Final = "header.Upload-Metadata"
_PAIRS: Final = pattern(
    r"^[\x21-\x2b\x2d-\x7e]+( [A-Za-z0-9+/]*={0,2})?(,\s?[\x21-\x2b\x2d-\x7e]+( [A-Za-z0-9+/]*={0,2})?)*$",
    vi="phải là các cặp tên và giá trị base64, cách nhau bằng dấu phẩy",
    en="must be pairs of a name and a value in base64, with commas between",
)
_OF_CLIENTS: Final = frozenset({"filename", "filetype", "name", "type", "relativePath", "contentType"})
"""What clients say of a file unasked. The type is what the content says, and names are not kept."""

Metadata = Annotated[
    str,
    Header(
        alias="Upload-Metadata",
        max_length=4000,
        pattern=_PAIRS,
        description="`report` (its code), `purpose`, `caption`, each with its value in base64 of UTF-8",
    ),
]


class UploadWords(Words):
    """The report that a file is for, and what is said of the file."""

    report: Annotated[str, bounded(100, min_length=1), Field(pattern=CODE)]


def read(header: str) -> UploadWords:
    """The words in the header. Raises the 422 problem, which names each field that is wrong."""
    found: dict[str, str] = {}
    for pair in re.split(r",\s?", header):
        name, _, value = pair.partition(" ")
        if name in _OF_CLIENTS:
            continue
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError) as error:
            wrong = "không phải base64 của UTF-8", "is not base64 of UTF-8"
            raise invalid([FieldError(field_path(*FIELD.split("."), name), *wrong)]) from error
    try:
        return UploadWords.model_validate(found)
    except ValidationError as error:
        wrong_fields = error.errors(include_url=False)
        raise invalid(
            [field_error({**each, "loc": (*FIELD.split("."), *each["loc"])}) for each in wrong_fields]
        ) from error
