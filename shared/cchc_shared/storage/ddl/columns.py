"""Short names for the columns that migrations write most."""

from typing import Any

import sqlalchemy as sa


def text(name: str, **options: Any) -> sa.Column[str]:
    """A text, not null unless told otherwise."""
    return sa.Column(name, sa.Text(), **{"nullable": False} | options)


def instant(name: str, **options: Any) -> sa.Column[Any]:
    """A moment, not null unless told otherwise."""
    return sa.Column(name, sa.DateTime(timezone=True), **{"nullable": False} | options)


def integer(name: str, **options: Any) -> sa.Column[int]:
    """An integer, not null unless told otherwise."""
    return sa.Column(name, sa.Integer(), **{"nullable": False} | options)
