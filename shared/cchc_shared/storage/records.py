"""Turns rows of the database into values of the domain."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Result, RowMapping

T = TypeVar("T")


def fields(row: RowMapping) -> dict[str, Any]:
    """The row by column name. SQLAlchemy's names are a subclass of `str`, which msgspec does not accept as keys."""
    return {str(name): value for name, value in row.items()}


def record(row: RowMapping, kind: type[T]) -> T:
    """A value of `kind`, whose fields are the row's columns. Raises `msgspec.ValidationError` if they do not fit."""
    return msgspec.convert(fields(row), kind)


def records(rows: Result[Any], kind: type[T]) -> list[T]:
    """The same of all rows of a result, which share their names."""
    names = tuple(map(str, rows.keys()))
    return [msgspec.convert(dict(zip(names, row, strict=True)), kind) for row in rows]
