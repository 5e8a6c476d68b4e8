"""One running system for all tests of a carrier; each test works on units, months and names of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.support.system import System
from tests.support.waiting import until_now

SET = "CCHC-CITY"


@pytest.fixture
def desk(system: System) -> Iterator[httpx.Client]:
    """The co-ordinating office."""
    with system.client("desk", "coordinator") as client:
        yield client


@pytest.fixture
def channel(system: System) -> Iterator[httpx.Client]:
    """The software of a channel."""
    with system.client("channel", "system") as client:
        yield client


@pytest.fixture
def citizen(system: System) -> Iterator[httpx.Client]:
    """Someone who reports."""
    with system.client("citizen", "citizen") as client:
        yield client


@pytest.fixture
def office(system: System) -> Iterator[Callable[[str], httpx.Client]]:
    """`office(unit)`: the head of a unit, who is its officer too."""
    opened: list[httpx.Client] = []

    def open_(unit: str) -> httpx.Client:
        opened.append(system.client(f"head of {unit}", "officer", "unit_head", unit=unit))
        return opened[-1]

    yield open_
    for client in opened:
        client.close()


class Scores:
    """The live score of one unit in one period."""

    def __init__(self, client: httpx.Client, unit: str, period: str) -> None:
        self._client = client
        self._unit = unit
        self._query = {"set": SET, "period": period}

    def now(self, **query: str) -> dict[str, Any]:
        """The score with its tree."""
        reply = self._client.get(f"/v1/scores/{self._unit}", params=self._query | query)
        return dict(reply.raise_for_status().json())

    def leaf(self, criterion: str, **query: str) -> dict[str, Any]:
        """A criterion of the tree: its score and its one input."""
        return next(node for node in _leaves(self.now(**query)["tree"]) if node["code"] == criterion)

    def evidence(self, criterion: str, code: str, **query: str) -> list[dict[str, Any]]:
        """The facts about one report or task behind a criterion."""
        path = f"/v1/scores/{self._unit}/criteria/{criterion}/evidence"
        reply = self._client.get(path, params=self._query | {"limit": "200"} | query)
        return [item for item in reply.raise_for_status().json()["items"] if item["code"] == code]

    def until(self, criterion: str, **expected: int) -> dict[str, Any]:
        """The criterion once its input counts as expected; events take a moment on their way."""

        def counted(leaf: dict[str, Any]) -> bool:
            (given,) = leaf["inputs"]
            return all(given[name] == n for name, n in expected.items())

        return until_now(lambda: self.leaf(criterion), counted)


def _leaves(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        if node["children"]:
            yield from _leaves(node["children"])
        else:
            yield node


@pytest.fixture
def scores(desk: httpx.Client) -> Callable[[str, str], Scores]:
    """`scores(unit, period)`."""
    return lambda unit, period: Scores(desk, unit, period)


def act(client: httpx.Client, path: str, action: str, version: int, body: Any = None) -> dict[str, Any]:
    """Take an action that must succeed; the report or task after it."""
    reply = client.post(f"{path}/actions/{action}", json=body, headers={"If-Match": f'"{version}"'})
    assert reply.status_code == 200, f"{action}: {reply.status_code} {reply.text}"
    assert reply.headers["ETag"] == f'"{version + 1}"'
    return dict(reply.json())
