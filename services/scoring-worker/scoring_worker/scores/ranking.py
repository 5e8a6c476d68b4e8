"""Ranks of units by their scores."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from scoring_worker.index_sets.domain import Ties


def ranks(values: Sequence[Decimal | None], ties: Ties) -> list[int | None]:
    """The rank of each value, the highest first; what has no value has no rank."""
    present = sorted((value for value in values if value is not None), reverse=True)
    rank_of: dict[Decimal, int] = {}
    before = 0
    for value, group in groupby(present):
        rank_of[value] = before + 1
        before += len(list(group)) if ties == "1-2-2-4" else 1
    return [None if value is None else rank_of[value] for value in values]
