"""`python -m tests.mutants [NAME …]`: mutate the pure modules, or those whose path contains a NAME; print who survives.

mutmut wants a project with its package under `src/`, so a copy of this repository is laid out that way in
`.data/mutants`, and nothing here is changed. Only the tests that need no server run, each mutant's for a bounded time.

mutmut changes a process in which everything is imported, and asks those tests that called the function before: what a
module or a fixture made once is not made anew. So whoever survives is tried again, in a process of its own and by all
tests of its distribution that need no server.
"""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.house.sources import PACKAGES as SERVICES
from tests.house.sources import shown
from tests.mutants.pure import REPOSITORY, pure_modules

WORK = REPOSITORY / ".data" / "mutants"
COPIED = ("shared", "tests", "data", "conftest.py", "services", "docs/contracts", "docs/guides")
CHILDREN = 2
SECOND_LOOK_SECONDS = 300
PACKAGES = {"cchc_shared": "shared", **{package.name: shown(package.parent) for package in SERVICES.values()}}
"""Package → the folder of its distribution."""


def targets(names: list[str]) -> list[str]:
    """The modules to mutate, as paths below `src/`, by package."""
    found = []
    for package, folder in PACKAGES.items():
        root = REPOSITORY / folder
        for path in pure_modules():
            if path.is_relative_to(root / package):
                relative = path.relative_to(root).as_posix()
                if not names or any(name in relative for name in names):
                    found.append(f"src/{relative}")
    return found


def lay_out(modules: list[str]) -> None:
    """The copy, with mutmut's settings."""
    shutil.rmtree(WORK, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    for package, folder in PACKAGES.items():
        shutil.copytree(REPOSITORY / folder / package, WORK / "src" / package, ignore=ignored)
    for name in COPIED:
        source = REPOSITORY / name
        (WORK / name).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, WORK / name, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(source, WORK / name)
    tests = sorted({test for module in modules for test in tests_of(module)})
    settings = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    settings += f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = {modules}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-m", "unit", "-p", "no:cacheprovider"]
also_copy = {[*COPIED, "pyproject.toml"]}
"""
    (WORK / "pyproject.toml").write_text(settings, encoding="utf-8")


def tests_of(module: str) -> list[str]:
    """The tests of its name in its own folder; where there are none, all of its distribution that need no server."""
    tests, path = REPOSITORY / PACKAGES[module.split("/")[1]] / "tests", Path(module)
    named = [each for each in tests.rglob(f"test_{path.stem}.py") if each.parent in {tests, tests / path.parent.name}]
    return [path.relative_to(REPOSITORY).as_posix() for path in named or [tests]]


def second_look(names: list[str]) -> list[str]:
    """Those that no test of their distribution notices in a process of their own."""
    for package in {package_of(name) for name in names}:
        if not passes(package, "none"):
            sys.exit(f"the tests of {package} fail without any mutant")
    with ThreadPoolExecutor(max_workers=CHILDREN) as children:
        unnoticed = children.map(lambda name: passes(package_of(name), name), names)
        return [name for name, alive in zip(names, unnoticed, strict=True) if alive]


def package_of(mutant: str) -> str:
    return mutant.split(".")[0]


def passes(package: str, mutant: str) -> bool:
    """Whether the package's tests that need no server pass, in time, with this mutant."""
    mutated = WORK / "mutants"
    environment = os.environ | {"MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(mutated / "src")}
    pytest = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "unit", "-p", "no:cacheprovider"]
    try:
        ran = subprocess.run(
            [*pytest, f"{PACKAGES[package]}/tests"],
            cwd=mutated,
            env=environment,
            check=False,
            capture_output=True,
            timeout=SECOND_LOOK_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


def main(names: list[str]) -> int:
    modules = targets(names)
    if not modules:
        sys.stderr.write(f"no pure module is named like {names}\n")
        return 2
    lay_out(modules)
    # mutmut itself puts the mutated copy first: named in PYTHONPATH before it exists, it would not be looked for again.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    mutmut = [sys.executable, "-m", "mutmut"]
    ran = subprocess.run([*mutmut, "run", "--max-children", str(CHILDREN)], cwd=WORK, env=environment, check=False)
    survivors = subprocess.run(
        [*mutmut, "results"], cwd=WORK, env=environment, check=False, capture_output=True, text=True
    ).stdout.split("\n")
    alive = second_look([line.split(":")[0].strip() for line in survivors if line.strip()])
    for name in alive:
        subprocess.run([*mutmut, "show", name], cwd=WORK, env=environment, check=False)
    sys.stdout.write(f"{len(alive)} mutants were not killed\n")
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
