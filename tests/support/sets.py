"""The index sets that systems under test score by: the shipped ones, but for those of years to come.

Tests compute by the versions they know, and by the clock of the machine: in the year in which a newer version takes
effect they would find other scores than theirs.
"""

from pathlib import Path
from typing import Final

SHIPPED: Final = Path(__file__).parents[2] / "data" / "index_sets"
_LATER: Final = ("cchc-city-2027.1.yaml",)


def known_sets(folder: Path) -> Path:
    """Makes the folder, unless it is there, with a link to each of them."""
    folder.mkdir(exist_ok=True)
    for file in SHIPPED.glob("*.yaml"):
        if file.name not in _LATER and not (link := folder / file.name).exists():
            link.symlink_to(file)
    return folder
