"""How an indicator's value becomes points. A new kind of rule is a module here and a name in `Rule`."""

from scoring_worker.rules.deduction import Deduction
from scoring_worker.rules.linear import Linear, LinearThreshold

Rule = Linear | LinearThreshold | Deduction

__all__ = ["Deduction", "Linear", "LinearThreshold", "Rule"]
