"""Errors of one field, in Vietnamese and English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import ErrorDetails, PydanticCustomError

from cchc_shared.contract.provenance import Text


@dataclass(frozen=True, slots=True)
class FieldError:
    """An error of one field (`body.location.lat`, `query.from`) or of a row of a file."""

    field: str
    vi: str
    en: str
    row: int | None = None


def field_path(*parts: str | int) -> str:
    """The path of a field: `body.items.0.code`. Callers choose some names, so odd characters are replaced."""
    return ".".join(_ODD.sub("_", str(part))[:100] or "_" for part in parts)


_ODD: Final = re.compile(r"[^a-zA-Z0-9_-]")
_patterns: dict[str, Text] = {}


def pattern(regex: str, *, vi: str, en: str) -> str:
    """The pattern, with the words for what does not match it."""
    _patterns[regex] = Text(vi, en)
    return regex


def pattern_words(regex: str) -> Text | None:
    """What is said of a text that does not match; None for a pattern without words of its own."""
    return _patterns.get(regex)


def refuse(vi: str, en: str) -> PydanticCustomError:
    """For validators of a model to raise: an error in both languages."""
    return PydanticCustomError("said", "{en}", {"vi": vi, "en": en})


# What pydantic finds, said to people.
_MESSAGES: Final = {
    "missing": ("thiếu trường bắt buộc", "is required"),
    "extra_forbidden": ("trường không có trong hợp đồng", "is not a known field"),
    "unexpected_keyword_argument": ("trường không có trong hợp đồng", "is not a known field"),
    "json_invalid": ("nội dung không phải JSON hợp lệ", "is not valid JSON"),
    "string_type": ("phải là chuỗi ký tự", "must be a string"),
    "string_too_long": ("quá dài, tối đa {max_length} ký tự", "is longer than {max_length} characters"),
    "string_too_short": ("quá ngắn, tối thiểu {min_length} ký tự", "is shorter than {min_length} characters"),
    "string_unicode": ("không phải UTF-8 hợp lệ", "is not valid UTF-8"),
    "enum": ("phải là một trong: {values}", "must be one of: {values}"),
    "literal_error": ("phải là một trong: {values}", "must be one of: {values}"),
    "int_type": ("phải là số nguyên", "must be an integer"),
    "int_parsing": ("phải là số nguyên", "must be an integer"),
    "int_parsing_size": ("số quá lớn", "is too large a number"),
    "int_from_float": ("phải là số nguyên", "must be an integer"),
    "float_type": ("phải là số", "must be a number"),
    "float_parsing": ("phải là số", "must be a number"),
    "bool_type": ("phải là true hoặc false", "must be true or false"),
    "bool_parsing": ("phải là true hoặc false", "must be true or false"),
    "date_from_datetime_parsing": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_parsing": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_type": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "datetime_parsing": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "datetime_from_date_parsing": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "datetime_object_invalid": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "datetime_type": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "timezone_aware": ("thời điểm phải có múi giờ", "must carry a time zone"),
    "list_type": ("phải là danh sách", "must be a list"),
    "dict_type": ("phải là đối tượng", "must be an object"),
    "model_type": ("phải là đối tượng JSON", "must be a JSON object"),
    "model_attributes_type": ("phải là đối tượng JSON", "must be a JSON object"),
    "greater_than_equal": ("phải lớn hơn hoặc bằng {ge}", "must be at least {ge}"),
    "less_than_equal": ("phải nhỏ hơn hoặc bằng {le}", "must be at most {le}"),
    "greater_than": ("phải lớn hơn {gt}", "must be greater than {gt}"),
    "less_than": ("phải nhỏ hơn {lt}", "must be less than {lt}"),
    "too_long": ("có quá nhiều phần tử, tối đa {max_length}", "has more than {max_length} items"),
    "too_short": ("có quá ít phần tử, tối thiểu {min_length}", "has fewer than {min_length} items"),
    "decimal_type": ("phải là số", "must be a number"),
    "decimal_parsing": ("phải là số", "must be a number"),
    "tuple_type": ("phải là danh sách", "must be a list"),
    "dataclass_type": ("phải là đối tượng", "must be an object"),
    "union_tag_invalid": ("phải là một trong: {values}", "must be one of: {values}"),
    "finite_number": ("phải là số hữu hạn", "must be a finite number"),
    "said": ("{vi}", "{en}"),
}
_OTHER: Final = ("giá trị không hợp lệ", "is not valid")
_QUOTED: Final = re.compile(r"'([^']*)'")


def field_error(error: ErrorDetails | Mapping[str, Any]) -> FieldError:
    """One finding of pydantic as a field error."""
    context = dict(error.get("ctx", {}))
    if error["type"] == "string_pattern_mismatch" and (words := pattern_words(context["pattern"])) is not None:
        vi, en = words.vi, words.en
    else:
        # Pydantic joins the allowed values with an English word.
        expected = context.get("expected", context.get("expected_tags", ""))
        context["values"] = ", ".join(_QUOTED.findall(str(expected)))
        vi, en = (text.format(**context) for text in _MESSAGES.get(error["type"], _OTHER))
    # A JSON error's location is an offset into the text, which names no field.
    location = ("body",) if error["type"] == "json_invalid" else error["loc"]
    return FieldError(field_path(*location), vi, en)
