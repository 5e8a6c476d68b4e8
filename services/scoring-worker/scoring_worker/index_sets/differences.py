"""What differs between two versions of an index set."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_MISSING: Any = object()


class Difference(NamedTuple):
    """Something that is in one version and not, or not so, in the other. Criteria are named by their codes."""

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any) -> list[Difference]:
    """What differs between two documents, in the order of the first; `None` for what is not there."""
    return [Difference(path.removeprefix("."), old, new) for path, old, new in _compare("", before, after)]


def _compare(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _compare(f"{path}.{name}", before.get(name, _MISSING), after.get(name, _MISSING))
    elif _coded(before) and _coded(after):
        yield from _compare(path, _by_code(before), _by_code(after))
    elif before != after:
        yield path, None if before is _MISSING else before, None if after is _MISSING else after


def _coded(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) and "code" in each for each in value)


def _by_code(values: list[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(each["code"]): each for each in values}
