"""The Python sources of the services, for tests that read them."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SERVICES = REPOSITORY / "services"
SHARED = REPOSITORY / "shared"

PACKAGES = {
    folder.name: folder / folder.name.replace("-", "_")
    for folder in sorted(SERVICES.iterdir())
    if (folder / "pyproject.toml").is_file()
}
"""Service → the folder of its package: whoever has a `pyproject.toml` is a service."""

WITH_FEATURES = tuple(service for service, package in PACKAGES.items() if list(package.glob("*/feature.py")))
"""The services that are put together from features over a database."""

WITH_DATABASE = tuple(service for service in PACKAGES if (SERVICES / service / "migrations").is_dir())
"""The services that have tables, and so migrations."""


def modules(service: str, *, migrations: bool = False) -> list[Path]:
    """The modules of a service, those of its migrations too where asked for."""
    found = sorted(PACKAGES[service].rglob("*.py"))
    return found + sorted((SERVICES / service / "migrations").rglob("*.py")) if migrations else found


def shown(path: Path) -> str:
    """A path as messages name it: from the root of the repository."""
    return path.relative_to(REPOSITORY).as_posix()
