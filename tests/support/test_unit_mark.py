"""Tests mark themselves by what they use."""

import pytest

from tests.support.databases import Database


def test_a_test_without_servers_is_marked(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("unit") is not None


def test_a_test_with_a_database_is_not(request: pytest.FixtureRequest, database: Database) -> None:
    assert database.admin_url
    assert request.node.get_closest_marker("unit") is None
