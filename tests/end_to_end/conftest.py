"""One running system for all tests of a transport; each test works on units, months and names of its own."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.http import Client, Clients, Json, Query, clients
from tests.support.system import System
from tests.support.waiting import until_now

SET = "CCHC-CITY"


@pytest.fixture
def callers(system: System) -> Iterator[Clients]:
    """Whoever calls: `callers.as_head(unit)`."""
    with clients(system) as opened:
        yield opened


@pytest.fixture
def desk(callers: Clients) -> Client:
    """The co-ordinating office."""
    return callers.as_office()


@pytest.fixture
def citizen(callers: Clients) -> Client:
    """Someone who reports."""
    return callers.as_citizen()


class Scores:
    """The live score of one unit in one period."""

    def __init__(self, client: Client, unit: str, period: str, index_set: str = SET) -> None:
        self._client = client
        self._path = f"/v1/scores/{unit}"
        self._query: dict[str, Query] = {"set": index_set, "period": period}

    def now(self, **query: Query) -> Json:
        """The score with its tree."""
        return self._client.get(self._path, **self._query | query)

    def leaf(self, criterion: str, **query: Query) -> Json:
        """A criterion of the tree: its score and its one input."""
        return next(node for node in _leaves(self.now(**query)["tree"]) if node["code"] == criterion)

    def evidence(self, criterion: str, code: str) -> list[Json]:
        """The facts about one report or task behind a criterion."""
        items = self._client.pages(f"{self._path}/criteria/{criterion}/evidence", **self._query)
        return [item for item in items if item["code"] == code]

    def until(self, criterion: str, **expected: int) -> Json:
        """The criterion once its input counts as expected; events take a moment on their way."""

        def counted(leaf: Json) -> bool:
            (given,) = leaf["inputs"]
            return all(given[name] == n for name, n in expected.items())

        return until_now(lambda: self.leaf(criterion), counted)


def _leaves(nodes: list[Json]) -> Iterator[Json]:
    for node in nodes:
        if node["children"]:
            yield from _leaves(node["children"])
        else:
            yield node


ScoresOf = Callable[[str, str], Scores]


@pytest.fixture
def scores(desk: Client) -> ScoresOf:
    """`scores(unit, period)`."""
    return lambda unit, period: Scores(desk, unit, period)
