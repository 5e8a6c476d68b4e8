"""Bands: classes of results, by bounds and by conditions beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from scoring_worker.index_sets.expressions import Program, compiled
from scoring_worker.index_sets.texts import STRICT, Code, Figure, Text, Words
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition such as "all tasks on time": an expression over indicators, by the names that `inputs` gives them."""

    __pydantic_config__: ClassVar = STRICT

    name: Text
    when: Words
    inputs: dict[Code, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.program()

    def program(self) -> Program:
        """Raises `ValueError` where the condition is no expression."""
        return compiled(self.when)


@dataclass(frozen=True, slots=True)
class Band:
    """A class of results: from `at_least` on, that value included, or `above` it.

    All gates of `requires` must be open as well. One open gate of `forced_by` is enough, whatever the score. Where
    a gate of which nothing is known could change the class, there is none.
    """

    __pydantic_config__: ClassVar = STRICT

    code: Code
    name: Text
    at_least: Figure | None = None
    above: Figure | None = None
    requires: tuple[Code, ...] = ()
    forced_by: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.above is None):
            raise Wrong("phải có đúng một trong hai: `at_least`, `above`", "either at_least or above must be given")

    @property
    def bound(self) -> tuple[Decimal, bool]:
        """Where it begins; of two with one number, the one that begins above it is the higher."""
        return (self.at_least, False) if self.at_least is not None else (self.above or Decimal(0), True)

    def is_reached(self, value: Decimal) -> bool:
        return value >= self.at_least if self.at_least is not None else value > (self.above or 0)


def band_of(bands: Iterable[Band], value: Decimal, gates: Mapping[str, bool | None]) -> Band | None:
    """The highest band whose bound the value reaches and whose gates are open; a band that is forced goes before it.

    None where no band is reached, and where a gate decides of which nothing is known.
    """
    bands = sorted(bands, key=lambda band: band.bound, reverse=True)
    forcing = [(band, [gates[gate] for gate in band.forced_by]) for band in reversed(bands)]
    for band, forced in forcing:
        if any(forced):
            return band
    if any(None in forced for _, forced in forcing):
        return None
    for band in bands:
        open_ = [gates[gate] for gate in band.requires]
        if band.is_reached(value) and False not in open_:
            return None if None in open_ else band
    return None
