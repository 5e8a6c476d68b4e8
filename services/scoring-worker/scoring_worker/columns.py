"""Parts of statements that follow from a table's columns, so that a new column is written down once."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import URL, Column, ColumnElement, any_, literal
from sqlalchemy.dialects import postgresql

_DIALECT = URL.create("postgresql+asyncpg").get_dialect()()


def among(column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """`column = ANY(array)`: one statement whatever the number of values, so that its plan is prepared once."""
    return column == any_(literal(list(values), postgresql.ARRAY(column.type)))


def names(columns: Iterable[Column[Any]], *, of: str = "") -> str:
    """`a, b`; `of` a relation: `r.a, r.b`."""
    return ", ".join(f"{of}.{column.name}" if of else column.name for column in columns)


def arrays(columns: Iterable[Column[Any]]) -> str:
    """Arguments of `unnest`: for each column the parameter of its name, as an array of its type."""
    return ", ".join(f"CAST(:{column.name} AS {_type(column)}[])" for column in columns)


def record(columns: Iterable[Column[Any]]) -> str:
    """Column definitions, as `jsonb_to_recordset` needs them."""
    return ", ".join(f"{column.name} {_type(column)}" for column in columns)


def assignments(columns: Iterable[Column[Any]], source: str) -> str:
    """The `SET` list that takes the columns from another relation."""
    return ", ".join(f"{column.name} = {source}.{column.name}" for column in columns)


def same(columns: Iterable[Column[Any]], left: str, right: str) -> str:
    """The condition that two relations agree in the columns."""
    return " AND ".join(f"{left}.{column.name} = {right}.{column.name}" for column in columns)


def _type(column: Column[Any]) -> str:
    return column.type.compile(_DIALECT)
