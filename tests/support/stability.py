"""Stability of ranks by a plain loop in exact fractions: unit by unit, draw by draw."""

from collections.abc import Sequence
from fractions import Fraction

from scoring_worker.index_sets.reading import rounded
from scoring_worker.scores.ranking import ranks
from scoring_worker.sensitivity.domain import GRAIN, SWAPS_ABOVE, Draws, Found, Row, Stability, Swap, Table


def looped(table: Table, draws: Draws, weights: Sequence[Sequence[int]]) -> Found:
    """What `stability` finds, given the weights of every draw in ten-thousandths of those of the table."""
    placed: list[list[int]] = [[] for _ in table.rows]
    in_band, swapped = [0] * len(table.rows), [0] * len(table.rows)
    for drawn in weights:
        factors = [Fraction(weight, GRAIN) for weight in drawn]
        totals = [max(_sum(factors, row.points) + Fraction(row.beside), Fraction(0)) for row in table.rows]
        percents = [
            rounded(100 * total / _sum(factors, row.counted), table.percent_places)
            for total, row in zip(totals, table.rows, strict=True)
        ]
        for place, (row, rank) in enumerate(zip(table.rows, ranks(percents, table.ties), strict=True)):
            assert rank is not None
            placed[place].append(rank)
            places = table.percent_places if table.total_places is None else table.total_places
            value = percents[place] if table.total_places is None else rounded(totals[place], places)
            in_band[place] += row.bounds is not None and row.bounds.first <= value.scaleb(places) < row.bounds.end
            swapped[place] += place > 0 and percents[place] > percents[place - 1]
    units = [
        _stability(row, found, times, draws)
        for row, found, times in zip(table.rows, placed, in_band, strict=True)
    ]  # fmt: skip
    swaps = [
        Swap(table.rows[place - 1].unit, row.unit, Fraction(swapped[place], draws.number))
        for place, row in enumerate(table.rows)
        if place and row.rank != table.rows[place - 1].rank
    ]
    return Found(units, sorted((one for one in swaps if one.share > SWAPS_ABOVE), key=lambda one: -one.share))


def _stability(row: Row, placed: Sequence[int], in_band: int, draws: Draws) -> Stability:
    beyond = (1 - Fraction(draws.interval)) / 2
    lowest, median, highest = (_reached(placed, share) for share in (beyond, Fraction(1, 2), 1 - beyond))
    return Stability(
        median,
        lowest,
        highest,
        Fraction(placed.count(1), draws.number),
        Fraction(placed.count(row.rank), draws.number),
        None if row.bounds is None else Fraction(in_band, draws.number),
    )


def _reached(placed: Sequence[int], share: Fraction) -> int:
    """The lowest rank at or below which this share of the draws lie."""
    return min(rank for rank in placed if Fraction(sum(one <= rank for one in placed), len(placed)) >= share)


def _sum(factors: Sequence[Fraction], numbers: Sequence[object]) -> Fraction:
    return sum((factor * Fraction(str(number)) for factor, number in zip(factors, numbers, strict=True)), Fraction(0))
