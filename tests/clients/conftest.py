"""The committed contract of the gateway."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def contract() -> Path:
    """The OpenAPI document from which clients are generated."""
    return Path(__file__).parents[2] / "docs/contracts/openapi/gateway.json"
