"""How hypothesis runs here: a busy machine makes an example slow, and that is no failure of the test."""

import pytest
from hypothesis import HealthCheck, settings

from tests.support.unit import units_only


def pytest_configure(config: pytest.Config) -> None:
    """The same examples in each run: whether a change is taken is no matter of chance.

    `make test PYTEST_ARGS=--hypothesis-profile=explore` looks for others. `make test-unit` tries fewer, to answer in
    seconds.
    """
    settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.register_profile("cchc", settings.get_profile("explore"), derandomize=True)
    settings.register_profile("unit", settings.get_profile("cchc"), max_examples=20)
    asked = config.getoption("--hypothesis-profile", None)
    settings.load_profile(asked or ("unit" if units_only(config) else "cchc"))
