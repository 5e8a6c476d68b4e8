"""Rules that turn readings into points. A new kind of rule is a module here and a name in `Rule`.

A rule is pure and exact. It gives between 0 and the maximum for readings that are known and not of nothing; what
happens to others is said by the set.
"""

from collections.abc import Mapping
from typing import Annotated, Final, get_args

from pydantic import Discriminator

from scoring_worker.index_sets.rules.answers import Answers
from scoring_worker.index_sets.rules.binary import Binary
from scoring_worker.index_sets.rules.count import Count
from scoring_worker.index_sets.rules.deduction import Deduction
from scoring_worker.index_sets.rules.expression import Expression
from scoring_worker.index_sets.rules.given import Given
from scoring_worker.index_sets.rules.kind import Kind
from scoring_worker.index_sets.rules.ladder import Ladder, Step
from scoring_worker.index_sets.rules.linear import Linear, LinearThreshold
from scoring_worker.index_sets.rules.threshold_proportional import ThresholdProportional

Rule = Annotated[
    Linear
    | LinearThreshold
    | ThresholdProportional
    | Binary
    | Count
    | Ladder
    | Deduction
    | Answers
    | Given
    | Expression,
    Discriminator("kind"),
]
"""Any rule; a document names it by its `kind`."""
RULES: Final[Mapping[str, type[Kind]]] = {
    get_args(rule.__annotations__["kind"])[0]: rule for rule in get_args(get_args(Rule)[0])
}
"""Every rule by its `kind`."""

__all__ = [
    "RULES",
    "Answers",
    "Binary",
    "Count",
    "Deduction",
    "Expression",
    "Given",
    "Ladder",
    "Linear",
    "LinearThreshold",
    "Rule",
    "Step",
    "ThresholdProportional",
]
