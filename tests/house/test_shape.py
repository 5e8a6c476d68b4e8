"""Features have one shape: see docs/adr/0011-one-shape-of-a-feature.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, WITH_FEATURES, modules


def calls_and_attributes(module: Path) -> Iterator[str]:
    """Names of what a module calls or reaches into."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_routes_never_open_a_connection(service: str) -> None:
    opening = {"engine", "begin", "connect"}
    routes = [module for module in modules(service) if module.name == "routes.py"]
    assert routes
    assert [str(module) for module in routes if opening & set(calls_and_attributes(module))] == []


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_a_service_has_no_hub(service: str) -> None:
    root = PACKAGES[service]
    assert not (root / "resources.py").exists()
    assert not (root / "models.py").exists()
    assert (root / "bootstrap.py").is_file()
    assert list(root.glob("*/feature.py"))


@pytest.mark.parametrize("service", WITH_FEATURES)
def test_a_folder_with_routes_declares_a_feature(service: str) -> None:
    folders = {module.parent for module in modules(service) if module.name == "routes.py"}
    assert [str(folder) for folder in folders if not (folder / "feature.py").is_file()] == []


def test_the_checks_see_what_they_look_for(tmp_path: Path) -> None:
    module = tmp_path / "routes.py"
    module.write_text("async def f(here):\n    async with here.engine.begin() as c: ...\n")
    assert {"engine", "begin"} <= set(calls_and_attributes(module))
