"""The pure modules: without a database, a network, a framework or a clock.

`pure-modules.txt` names them once, as patterns of paths. Mutants change these modules, coverage has its floor over
them, and the contract `domain` of the import rules holds what they import.
"""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LIST = REPOSITORY / "pure-modules.txt"


def patterns() -> list[str]:
    """The lines of the list, each a path below the repository in which `*` stands for any name."""
    return LIST.read_text("utf-8").split()


def pure_modules() -> list[Path]:
    """The modules that the list names, in order."""
    return sorted({path for pattern in patterns() for path in REPOSITORY.glob(pattern)})
