"""How hypothesis runs here: a busy machine makes an example slow, and that is no failure of the test."""

import pytest
from hypothesis import HealthCheck, settings

from tests.support.unit import units_only


def pytest_configure(config: pytest.Config) -> None:
    """`make test-unit` tries fewer examples, to answer in seconds; `make test` tries them all."""
    settings.register_profile("cchc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("unit", settings.get_profile("cchc"), max_examples=20)
    settings.load_profile("unit" if units_only(config) else "cchc")
