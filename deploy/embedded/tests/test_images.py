"""Every image carries what its processes import: our code by its COPY lines, everything else by its lock."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from cchc_embedded.installation import SERVICES
from cchc_embedded.migrate import HISTORIES
from cchc_embedded.paths import REPOSITORY
from gateway.developers.guides import GUIDES, ROOT

IMAGES = sorted(path.name.removesuffix(".Dockerfile") for path in (REPOSITORY / "deploy/images").glob("*.Dockerfile"))
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())

BY_NAME = {
    "cchc_shared.service.app": {"uvloop", "httptools"},
    "cchc_shared.storage.database": {"asyncpg"},
    "cchc_shared.http.tokens": {"cryptography"},
}
"""Module → what it has others import: event loop and parser of uvicorn, driver of SQLAlchemy, algorithms of PyJWT."""

NOT_REACHED = {"tasks-api": {"aiokafka"}}
"""Image → what only its unused lines import: tasks-worker follows no topic."""


@dataclass(frozen=True)
class Image:
    """What a Dockerfile and the compose file say about one image."""

    name: str
    lock: frozenset[str]
    """Names of the distributions, normalised."""
    sources: tuple[Path, ...]
    """What is copied."""
    roots: tuple[Path, ...]
    """The folders of PYTHONPATH."""
    entries: tuple[Path, ...]

    @classmethod
    @cache
    def read(cls, name: str) -> "Image":
        said = (REPOSITORY / f"deploy/images/{name}.Dockerfile").read_text()
        (lock,) = re.findall(r"^COPY (\S+\.lock) /lock$", said, re.MULTILINE)
        copied = re.findall(r"^COPY ((?!--from|\S+\.lock)\S+) \1$", said, re.MULTILINE)
        (python_path,) = re.findall(r"PYTHONPATH=(\S+)", said)
        roots = tuple(REPOSITORY / root.removeprefix("/app/") for root in python_path.split(":"))
        modules = [*re.findall(r'^CMD \["python", "-m", "([\w.]+)"\]$', said, re.MULTILINE), *_of_compose(name)]
        entries = [file for module in modules if (file := _in(roots, module)) and file.stem == module.split(".")[-1]]
        assert len(entries) == len(modules), f"one of {modules} is not to be found"
        if name == "operations":
            entries += [file for folder in HISTORIES.values() for file in folder.rglob("*.py")]
        return cls(
            name,
            frozenset(re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / lock).read_text(), re.MULTILINE)),
            tuple(REPOSITORY / source for source in copied),
            roots,
            tuple(entries),
        )

    def wanted(self) -> Iterator[tuple[str, Path]]:
        """Top-level packages of others that its processes reach, late imports included, each with one who asks.

        Raises `AssertionError` for a module of ours that is reached and not copied.
        """
        seen, left = set[Path](), list(self.entries)
        while left:
            file = left.pop()
            if file in seen:
                continue
            seen.add(file)
            assert any(file.is_relative_to(source) for source in self.sources), f"{file} is not copied"
            for module in _imports(file):
                if module.partition(".")[0] in sys.stdlib_module_names:
                    continue
                own = _in(self.roots, module)
                if own is not None:
                    left.append(own)
                else:
                    yield module.partition(".")[0], file
            dotted = ".".join(next(file.relative_to(root) for root in self.roots if file.is_relative_to(root)).parts)
            yield from ((package, file) for package in BY_NAME.get(dotted.removesuffix(".py"), ()))


def _of_compose(image: str) -> list[str]:
    """Modules that the compose file runs in an image."""
    services = COMPOSE["services"].values()
    commands = [each["command"] for each in services if each.get("image") == f"cchc-{image}" and "command" in each]
    return [command[2] for command in commands if command[:2] == ["python", "-m"]]


def _in(roots: tuple[Path, ...], module: str) -> Path | None:
    """The file of a module of ours; a name that a module holds counts as that module."""
    while module:
        for root in roots:
            base = root / module.replace(".", "/")
            for file in (base.with_suffix(".py"), base / "__init__.py"):
                if file.is_file():
                    return file
        module = module.rpartition(".")[0]
    return None


def _imports(file: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def distributions() -> Mapping[str, list[str]]:
    """Package → the distributions that bring it. Looks at all that is installed."""
    return packages_distributions()


def missing(image: Image) -> dict[str, Path]:
    """What an image needs and does not carry."""
    carried = {
        package
        for package, names in distributions().items()
        if any(re.sub(r"[-_.]+", "-", name).lower() in image.lock for name in names)
    }
    allowed = carried | NOT_REACHED.get(image.name, set())
    return {package: asking for package, asking in image.wanted() if package not in allowed}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_carries_what_its_processes_import(name: str) -> None:
    image = Image.read(name)
    assert missing(image) == {}


def test_the_compose_file_runs_every_process_of_the_embedded_system() -> None:
    assert SERVICES.keys() <= COMPOSE["services"].keys()


def test_a_package_that_no_lock_has_is_found_missing() -> None:
    image = Image.read("gateway")
    without = Image(image.name, image.lock - {"httptools", "uvloop"}, image.sources, image.roots, image.entries)
    assert set(missing(without)) == {"httptools", "uvloop"}


def test_the_gateway_carries_no_database_driver_and_no_kafka_client() -> None:
    assert Image.read("gateway").lock.isdisjoint({"sqlalchemy", "asyncpg", "alembic", "aiokafka"})


def test_the_gateway_carries_the_pages_that_its_portal_shows() -> None:
    sources = Image.read("gateway").sources
    pages = [ROOT / "CHANGELOG.md", *(ROOT / f"docs/guides/{name}.md" for name in GUIDES)]
    assert [page for page in pages if not any(page.is_relative_to(source) for source in sources)] == []


@pytest.mark.parametrize("lock", ["dev.lock", *(f"deploy/images/{name}.lock" for name in IMAGES)])
def test_a_lock_names_no_index(lock: str) -> None:
    assert "://" not in (REPOSITORY / lock).read_text()
