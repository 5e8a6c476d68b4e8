"""Reads JSON without passing over what is said twice in it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Repeated(NamedTuple):
    """Stands for an object in which a key stands twice: whose value is meant is not known."""

    key: str


def loads(text: bytes | str) -> Any:
    """What the text says, with `Repeated` for objects that cannot be meant. Raises `ValueError`, `RecursionError`."""
    return json.loads(text, object_pairs_hook=_object)


def repeated_key(said: Any) -> str | None:
    """A key that stands twice in an object, or in one within it."""
    left = [said]
    while left:
        each = left.pop()
        if isinstance(each, Repeated):
            return each.key
        if isinstance(each, Mapping):
            left += each.values()
        elif isinstance(each, list):
            left += each
    return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Repeated:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    return Repeated(next(name for name in names if names.count(name) > 1))
