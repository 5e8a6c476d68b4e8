"""Which service owns which paths, as the services' own contracts say. Pure: documents in, a table out."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cchc_shared.http.events import EVENT_STREAM

Document = Mapping[str, Any]

GATEWAY = "gateway"
HEALTH = "health"
"""The tag of operations that each process answers for itself; nothing of it is forwarded."""


_PARAMETER: Final = re.compile(r"{[^}]*}")


class Route(NamedTuple):
    """A prefix and the service that owns the paths below it.

    It stands in `scope["route"]` of a forwarded request: metrics count by `path_format`, never by address.
    """

    path_format: str
    service: str


class Conflict(NamedTuple):
    """Two services claim one prefix; `owner` keeps it."""

    prefix: str
    owner: str
    other: str


class RouteTable:
    """Finds the route of a path: the longest prefix of whole segments wins."""

    def __init__(
        self,
        routes: Mapping[str, Route],
        conflicts: Sequence[Conflict] = (),
        large: Sequence[tuple[str, re.Pattern[str]]] = (),
        open_: Collection[str] = (),
    ) -> None:
        self.routes = routes
        self.staying_open = frozenset(open_)
        """Paths whose GET is answered with events as they happen."""
        self.conflicts = conflicts
        self._large = large
        self._deepest = max((prefix.count("/") for prefix in routes), default=0)

    @classmethod
    def of(cls, documents: Mapping[str, Document]) -> "RouteTable":
        """The table that the documents of the services say, by service name.

        A path claims its segments before the first parameter. What two services claim stays with the first by name;
        what the gateway answers itself stays with the gateway.
        """
        claims: dict[str, str] = {}
        conflicts: list[Conflict] = []
        for service in sorted(documents, key=lambda name: (name != GATEWAY, name)):
            for prefix in sorted(set(_prefixes(documents[service]))):
                owner = claims.setdefault(prefix, service)
                if owner != service:
                    conflicts.append(Conflict(prefix, owner, service))
        large = [each for document in documents.values() for each in _large(document)]
        open_ = [path for document in documents.values() for path in _staying_open(document)]
        return cls(_shortest(claims), conflicts, large, open_)

    def find(self, path: str) -> Route | None:
        """The route of a path; None when no service owns it."""
        parts = path.split("/", self._deepest + 1)
        for length in range(min(len(parts), self._deepest + 1), 1, -1):
            route = self.routes.get("/".join(parts[:length]))
            if route is not None:
                return route
        return None

    def takes_large(self, method: str, path: str) -> bool:
        """Whether a request may have a larger body than others, because its operation says `x-large-body`."""
        return any(method == of and pattern.fullmatch(path) for of, pattern in self._large)

    def serves(self, service: str, path: str) -> bool:
        """Whether callers of the gateway reach this path of this service's document."""
        route = self.find(path)
        return service == (GATEWAY if route is None else route.service)


def _prefixes(document: Document) -> Iterator[str]:
    """The prefix of each public path; a path that begins with a parameter claims nothing, as it would claim all."""
    for path, item in document.get("paths", {}).items():
        tags = [operation.get("tags", []) for operation in item.values() if isinstance(operation, Mapping)]
        prefix = path.partition("{")[0].rpartition("/")[0] if "{" in path else path
        if prefix.strip("/") and not all(HEALTH in each for each in tags):
            yield prefix


def _large(document: Document) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Method and path of each operation that takes files."""
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if isinstance(operation, Mapping) and operation.get("x-large-body"):
                yield method.upper(), re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path))))


def _staying_open(document: Document) -> Iterator[str]:
    """Paths that say of their GET that it is answered with a stream of events."""
    for path, item in document.get("paths", {}).items():
        answered = item.get("get", {}).get("responses", {}).get("200", {})
        if EVENT_STREAM in answered.get("content", {}):
            yield path


def _shortest(claims: Mapping[str, str]) -> dict[str, Route]:
    """Routes without those that say again what a shorter prefix of the same service says."""
    routes: dict[str, Route] = {}
    for prefix, service in sorted(claims.items()):  # a prefix comes before the longer ones
        above = RouteTable(routes).find(prefix)
        if above is None or above.service != service:
            routes[prefix] = Route(prefix, service)
    return routes
