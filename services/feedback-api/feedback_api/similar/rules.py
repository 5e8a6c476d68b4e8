"""What the city's document of advice says of reports that may tell the same."""

from collections.abc import Collection
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from cchc_shared.contract.codes import FeedbackKind
from cchc_shared.contract.provenance import Provenance
from cchc_shared.contract.wording import unmarked
from feedback_api.rulebook import CodeList, Part

FILE: Final = "advice_rules.yaml"

Share = Annotated[float, Meta(ge=0, le=1)]
Phrases = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=500)]


class EmptyWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Syllables that every text may have."""

    source: str
    status: Provenance
    words: Phrases

    @property
    def unmarked(self) -> frozenset[str]:
        return frozenset(map(unmarked, self.words))


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much each part of a likeness counts."""

    words: Share
    place: Share
    days: Share
    category: Share

    def __post_init__(self) -> None:
        if self.words == 0:
            raise ValueError("weights: words must count")


class SimilarRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far apart two reports may be, how many are looked at, and from which score on one is proposed."""

    source: str
    status: Provenance
    within_m: Annotated[float, Meta(gt=0, le=5000)]
    within_days: Annotated[int, Meta(gt=0, le=366)]
    looked_at: Annotated[int, Meta(gt=0, le=1000)]
    proposed: Annotated[int, Meta(gt=0, le=50)]
    weights: Weights
    proposed_from: Share
    least_words_in_common: Annotated[int, Meta(ge=1)]


class NearbyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What everyone is shown of the reports near a place. `decimals` of a degree are left of where they are."""

    source: str
    status: Provenance
    kinds: frozenset[FeedbackKind]
    hidden_categories: frozenset[str]
    within_m: Annotated[float, Meta(gt=0, le=2000)]
    within_days: Annotated[int, Meta(gt=0, le=366)]
    decimals: Annotated[int, Meta(ge=2, le=4)]
    shown: Annotated[int, Meta(gt=0, le=100)]


class SimilarRules(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the document that this feature reads."""

    empty_words: EmptyWords
    similar: SimilarRule
    nearby: NearbyRule

    def check_codes(self, categories: Collection[str]) -> None:
        """Raise `ValueError` if the city has no such category: a typing error must not show what is hidden."""
        if strangers := self.nearby.hidden_categories - set(categories):
            raise ValueError(f"nearby: no such category: {', '.join(sorted(strangers))}")


class Categories(Part, frozen=True, kw_only=True):
    """The categories of the city's rules."""

    categories: CodeList
