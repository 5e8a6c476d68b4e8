"""From a row of the database to a value of the domain."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping

T = TypeVar("T")


def fields(row: RowMapping) -> dict[str, Any]:
    """The row by column name. SQLAlchemy's names are a kind of string that msgspec does not take for one."""
    return {str(name): value for name, value in row.items()}


def record(row: RowMapping, kind: type[T]) -> T:
    """The value whose fields are the row's columns."""
    return msgspec.convert(fields(row), kind)
