"""What is left of an answer when everything is taken out that differs from run to run."""

import re

from pydantic import JsonValue

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<instant>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
    (re.compile(r"[0-9a-f]{64}"), "<sha256>"),
    (re.compile(r"\b(PA|NV)-\d{2,4}-\d+(\.[\w-]+)?"), r"<\1 code>"),
    (re.compile(r"\bKH-\d{4}-\d+"), "<KH code>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<day>"),
)
_SECRET = frozenset({"tracking_secret", "next_cursor"})


def normal(value: JsonValue) -> JsonValue:
    """The same answer in every run: volatile texts by their kind, names of fields and all else as they are."""
    match value:
        case dict():
            return {name: f"<{name}>" if name in _SECRET and value[name] else normal(value[name]) for name in value}
        case list():
            return [normal(each) for each in value]
        case str():
            for pattern, kind in _VOLATILE:
                value = pattern.sub(kind, value)
            return value
    return value
