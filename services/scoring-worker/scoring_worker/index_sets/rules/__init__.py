"""Rules that turn an indicator's value into points. A new kind of rule is a module here and a name in `Rule`."""

from typing import Annotated

from pydantic import Discriminator

from scoring_worker.index_sets.rules.deduction import Deduction
from scoring_worker.index_sets.rules.linear import Linear, LinearThreshold

Rule = Annotated[Linear | LinearThreshold | Deduction, Discriminator("kind")]
"""Any rule; a document names it by its `kind`."""

__all__ = ["Deduction", "Linear", "LinearThreshold", "Rule"]
