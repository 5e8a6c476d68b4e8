"""The generated contracts, as they are committed; `tests/contracts/test_drift.py` holds them against the code."""

from functools import cache

from cchc_embedded.paths import REPOSITORY

FOLDER = REPOSITORY / "docs" / "contracts"


@cache
def documents() -> dict[str, str]:
    """Every contract by its path below the folder. To generate them takes seconds."""
    return {
        str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
