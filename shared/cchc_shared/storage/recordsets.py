"""Many rows as one parameter: a JSON array, which a statement reads as a table (`json_to_recordset`).

One statement has one plan for any number of rows, and the driver takes ten times as long over arrays of its own.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlalchemy.dialects import postgresql

_dialect: Any = postgresql.dialect  # its constructor is not typed
_DIALECT = _dialect()


def names(columns: Iterable[Column[Any]]) -> str:
    """The columns, as an INSERT lists them."""
    return ", ".join(column.name for column in columns)


def typed(columns: Iterable[Column[Any]]) -> str:
    """The columns of a record set in JSON, where bytes are carried as Base64."""
    return ", ".join(
        f"{column.name} {'text' if _is_bytes(column) else column.type.compile(_DIALECT)}" for column in columns
    )


def values(columns: Iterable[Column[Any]]) -> str:
    """The columns as they are taken from the record set."""
    return ", ".join(f"decode({column.name}, 'base64')" if _is_bytes(column) else column.name for column in columns)


def _is_bytes(column: Column[Any]) -> bool:
    return isinstance(column.type, LargeBinary)
