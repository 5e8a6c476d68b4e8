"""How hypothesis runs here: a busy machine makes an example slow, and that is no failure of the test."""

from hypothesis import HealthCheck, settings


def pytest_configure() -> None:
    settings.register_profile("cchc", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("cchc")
