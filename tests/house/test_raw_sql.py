"""Raw statements stand in `sql.py`, each with its reason: see docs/adr/0011-one-shape-of-a-feature.md.

Services only: the kits of `shared` are statements, one module for each table.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import WITH_DATABASE, modules, shown

ALLOWED = {"sql.py", "models.py", "metadata.py"}
"""Beside `sql.py`: tables may say defaults and conditions of indexes as text."""

RUNNING = {"execute", "executemany", "scalar", "scalars", "stream", "fetch", "fetchrow", "fetchval", "cursor"}
"""Methods of SQLAlchemy and of the driver whose first argument is a statement."""

OF_THE_DRIVER = {"fetch", "fetchrow", "fetchval", "executemany"}
"""Those that only the driver has: what they run can only be raw."""


def of_sqlalchemy(tree: ast.AST) -> Iterator[str]:
    """The names under which a module knows SQLAlchemy or a module of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "sqlalchemy":
                    yield alias.asname or "sqlalchemy"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            yield from (alias.asname or alias.name for alias in node.names)


def is_text(node: ast.AST, constants: set[str]) -> bool:
    """Whether an argument is a string, as it stands there or as a constant of the module."""
    if isinstance(node, ast.BinOp):
        return is_text(node.left, constants) or is_text(node.right, constants)
    if isinstance(node, ast.Name):
        return node.id in constants
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def constants_of(tree: ast.Module) -> set[str]:
    """The names of the module that stand for strings."""
    found: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and is_text(value, found):
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def raw(source: str) -> list[str]:
    """What a module says in SQL itself, or hands to the driver from anywhere but `sql.py`."""
    tree = ast.parse(source)
    known, constants, found = set(of_sqlalchemy(tree)), constants_of(tree), []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sqlalchemy":
            found += [f"{node.module}.text" for alias in node.names if alias.name == "text"]
        elif isinstance(node, ast.Attribute):
            root = ast.unparse(node.value).split(".")[0]
            if node.attr == "exec_driver_sql" or (node.attr == "text" and root in known):
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            name, given = node.func.attr, node.args[0]
            from_sql = ast.unparse(given).startswith("sql.")
            if (name in RUNNING and is_text(given, constants)) or (name in OF_THE_DRIVER and not from_sql):
                found.append(ast.unparse(node.func))
    return found


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_raw_statements_stand_in_sql_modules(service: str) -> None:
    found = {shown(module): raw(module.read_text("utf-8")) for module in modules(service) if module.name not in ALLOWED}
    assert {module: statements for module, statements in found.items() if statements} == {}


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import text",
        "from sqlalchemy import text as raw",
        "from sqlalchemy.sql import text",
        "from sqlalchemy.sql.expression import text",
        "import sqlalchemy\nQUERY = sqlalchemy.text('SELECT 1')",
        "import sqlalchemy\nQUERY = sqlalchemy.sql.text('SELECT 1')",
        "import sqlalchemy as sa\nQUERY = sa.text('SELECT 1')",
        "from sqlalchemy import sql as words\nQUERY = words.text('SELECT 1')",
        "async def f(conn):\n    await conn.exec_driver_sql('SELECT 1')",
        "async def f(driver):\n    await driver.fetch('SELECT 1')",
        "async def f(driver, query):\n    await driver.fetchval(query)",
        "async def f(driver, n):\n    await driver.execute(f'SELECT {n}')",
        "QUERY = 'SELECT 1'\nasync def f(driver):\n    await driver.execute(QUERY + ' LIMIT 1')",
    ],
)
def test_each_way_to_say_sql_is_seen(source: str) -> None:
    assert raw(source)


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import Text, select",
        "from reports import sql\nasync def f(driver):\n    await driver.fetch(sql.WRITE, 1)",
        "async def f(conn, table):\n    await conn.execute(select(table))",
        "def f(answer):\n    return answer.text",
    ],
)
def test_what_is_no_raw_statement_is_not(source: str) -> None:
    assert raw(source) == []
