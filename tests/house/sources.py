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


def modules(service: str) -> list[Path]:
    """The modules of a service's package."""
    return sorted(PACKAGES[service].rglob("*.py"))


def history(service: str) -> list[Path]:
    """What stands beside the package for Alembic: the migrations, how they are run, and templates if there are any."""
    found = (SERVICES / service / "migrations").rglob("*")
    return sorted(path for path in found if path.suffix in {".py", ".mako"})


def shown(path: Path) -> str:
    """A path as messages name it: from the root of the repository."""
    return path.relative_to(REPOSITORY).as_posix()
