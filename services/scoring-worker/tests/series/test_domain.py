"""What must hold in a published table."""

from decimal import Decimal

import pytest

from scoring_worker.series.domain import Row, faults

HIGHEST = Decimal(100)


def row(territory: str, total: str, rank: int | None = None, **parts: str) -> Row:
    return Row(territory, Decimal(total), {name: Decimal(part) for name, part in parts.items()}, rank)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("01", "82.77", 7, appraised="51.25", survey="31.52"), row("48", "87.12", 1)], []),
        ([row("01", "82.78", 7, appraised="51.25", survey="31.52")], [(0, "total")]),
        ([row("01", "100.01")], [(0, "total")]),
        ([row("01", "80"), row("01", "81")], [(1, "territory")]),
        ([row("01", "80", 2), row("48", "90", 3)], [(0, "rank")]),
        ([row("01", "80", 2), row("48", "90", 2)], [(0, "rank")]),
        ([row("01", "80", 1), row("48", "80", 1), row("79", "70", 2)], []),
        ([row("01", "80", 1), row("48", "80", 2)], []),
        ([row("01", "80"), row("48", "90", 2)], []),
    ],
)
def test_faults(rows: list[Row], found: list[tuple[int, str]]) -> None:
    assert [(fault.row, fault.field) for fault in faults(rows, HIGHEST)] == found
