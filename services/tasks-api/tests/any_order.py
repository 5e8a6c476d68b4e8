"""What walks in any order share."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from cchc_shared.http import access_log
from tests.support.tasks import Api


@contextmanager
def quiet() -> Iterator[None]:
    """Thousands of lines would hide what failed."""
    access_log.write_with(lambda _: None)
    yield
    access_log.write_with(access_log.by_structlog)


async def define_units(api: Api, units: Mapping[str, str]) -> None:
    """Units by their kinds."""
    for code, kind in units.items():
        unit = {"name": code, "kind": kind, "valid_from": None}
        assert (await api.send("PUT", f"/v1/units/{code}", api.operator, json=unit)).status_code == 201


def check_history(entries: Sequence[Mapping[str, Any]], row: Mapping[str, Any], unit: str) -> None:
    """Each entry begins where the one before it ended, and the last stands as the row, whose `unit` is responsible."""
    before: Mapping[str, Any] = {"status": None, "unit": None}
    for version, entry in enumerate(entries, 1):
        assert entry["version"] == version
        assert (entry["from_status"], entry["from_unit"]) == (before["status"], before["unit"]), entry
        before = entry
    assert (len(entries), before["status"], before["unit"]) == (row["version"], row["status"], unit)
