"""The tests spend their time on themselves, not on looking for garbage among ten thousand modules and tests."""

from cchc_shared.service import gc_tuning


def pytest_configure() -> None:
    """As in the processes of the services."""
    gc_tuning.raise_threshold(gc_tuning.SERVING)


def pytest_collection_finish() -> None:
    """What was collected stays until the end."""
    gc_tuning.keep_what_is_there()
