"""A version of an index set that is ready to score, with the other sets that it reads."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from scoring_worker.index_sets.document import Document
from scoring_worker.index_sets.evaluation import Evaluator, Moved, Score
from scoring_worker.index_sets.indicators import Component
from scoring_worker.index_sets.leaf import NOTHING_GIVEN, Subject
from scoring_worker.index_sets.reading import Reading
from scoring_worker.periods import Period


@dataclass(frozen=True, eq=False)
class Edition:
    """One version of an index set, ready to score.

    `below` are the versions of other sets that it reads in a period, and those that these read: each stands after what
    it reads itself.
    """

    document: Document
    evaluator: Evaluator
    below: tuple["Edition", ...] = ()

    @property
    def code(self) -> str:
        return self.document.index_set.code

    @cached_property
    def enters(self) -> frozenset[str]:
        """The indicators that a score depends on and whose numbers may be entered."""
        return self.evaluator.enters.union(*(each.evaluator.enters for each in self.below))

    @cached_property
    def reads(self) -> frozenset[Moved]:
        """All that a score depends on: nothing else can move it."""
        return self.evaluator.reads.union(*(each.evaluator.reads for each in self.below))

    def is_over(self, period: Period) -> bool:
        """Whether it was given up before the period began."""
        until = self.document.index_set.effective_to
        return until is not None and until < period.first_day

    def complete(self, of: Subject) -> Subject:
        """The subject with what other sets say of it. Points that somebody gave are those of this set alone."""
        if not self.below:
            return of
        components: dict[Component, Reading] = {}
        known = replace(of, given=NOTHING_GIVEN, components=components)
        for each in self.below:
            if each.evaluator.finds(known):
                components |= each.evaluator.shares(known)
        return replace(of, components=components)

    def score(self, of: Subject) -> Score:
        """The score by what is known, and by what other sets make of it."""
        return self.evaluator.score(self.complete(of))


def linked(editions: Iterable[Edition]) -> dict[str, Edition]:
    """Versions of sets, one of each and by code, each with those of them that it reads. None reads itself."""
    alone = {edition.code: edition for edition in editions}
    found: dict[str, Edition] = {}
    for code in alone:
        _link(code, alone, found)
    return {code: found[code] for code in alone}


def _link(code: str, alone: dict[str, Edition], found: dict[str, Edition]) -> Edition:
    if code not in found:
        below: dict[str, Edition] = {}
        for read in sorted({component.set for component in alone[code].evaluator.components} & alone.keys()):
            edition = _link(read, alone, found)
            below |= {each.code: each for each in (*edition.below, edition)}
        found[code] = replace(alone[code], below=tuple(below.values()))
    return found[code]
