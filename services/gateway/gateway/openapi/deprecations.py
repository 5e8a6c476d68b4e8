"""Operations that are to go, as the services' contracts say: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594). Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from email.utils import format_datetime
from typing import Any, Final, NamedTuple

Header = tuple[bytes, bytes]

SINCE: Final = "x-deprecated-since"
"""In an operation that is `deprecated`: the day (ISO 8601) from which on it should not be used."""
SUNSET: Final = "x-sunset"
"""There too, where it is known: the day on which it goes."""

_PARAMETER: Final = re.compile(r"{[^}]*}")


class _Deprecated(NamedTuple):
    method: str
    pattern: re.Pattern[str]
    headers: list[Header]


class Deprecations:
    """The headers of each deprecated operation of these documents."""

    def __init__(self, documents: Iterable[Mapping[str, Any]] = ()) -> None:
        self._plain: set[str] = set()
        """Paths without parameters: no pattern speaks of them."""
        self._exact: dict[tuple[str, str], list[Header]] = {}
        self._patterns: list[_Deprecated] = []
        for document in documents:
            self._read(document.get("paths", {}))

    def headers(self, method: str, path: str) -> list[Header]:
        """What the answer of an operation says of its end; nothing for most."""
        if not self._exact and not self._patterns:
            return []
        if path in self._plain:
            return self._exact.get((method, path), [])
        return next(
            (each.headers for each in self._patterns if each.method == method and each.pattern.fullmatch(path)), []
        )

    def _read(self, paths: Mapping[str, Any]) -> None:
        self._plain.update(path for path in paths if "{" not in path)
        for path, method, headers in _deprecated(paths):
            if "{" in path:
                pattern = re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path))))
                self._patterns.append(_Deprecated(method, pattern, headers))
            else:
                self._exact[method, path] = headers


def _deprecated(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Header]]]:
    """Path, method and headers; an operation that does not say since when has none."""
    for path, item in paths.items():
        for method, operation in item.items():
            if isinstance(operation, Mapping) and operation.get("deprecated") and SINCE in operation:
                yield path, method.upper(), _headers(operation[SINCE], operation.get(SUNSET))


def _headers(since: str, sunset: str | None) -> list[Header]:
    headers = [(b"deprecation", b"@%d" % _midnight(since).timestamp())]
    if sunset is not None:
        headers.append((b"sunset", format_datetime(_midnight(sunset), usegmt=True).encode("ascii")))
    return headers


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
