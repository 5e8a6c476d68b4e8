"""Points by an expression in CEL, for what no other rule says."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.expressions import Program, compiled
from scoring_worker.index_sets.figures import Told, say
from scoring_worker.index_sets.reading import Readings
from scoring_worker.index_sets.rules.kind import Kind, Needs, Parameter
from scoring_worker.index_sets.texts import Text, Words


@dataclass(frozen=True, slots=True)
class Expression(Kind):
    """What the expression gives, cut to between 0 and max. The inputs are names in it, as is `max`.

    `a.value` is the share or amount of the input `a`; `a.n` and `a.d` are its numerator and denominator. CEL reckons in
    binary fractions: what must be exact to the last digit takes another rule.
    """

    needs: ClassVar[Needs] = "several"
    title: ClassVar[Text] = Text("Biểu thức", "Expression")
    parameters: ClassVar[Mapping[str, Parameter]] = {"cel": Parameter("Biểu thức", "Expression", is_number=False)}

    kind: Literal["expression"]
    cel: Words

    def __post_init__(self) -> None:
        self.program()

    def program(self) -> Program:
        """Raises `ValueError` where the text is no expression."""
        return compiled(self.cel)

    def points(self, maximum: Fraction, readings: Readings) -> Fraction | None:
        """Between 0 and `maximum`; None where the expression has no result for these numbers."""
        result = self.program().number(readings, maximum)
        return None if result is None else max(Fraction(0), min(maximum, result))

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """What the inputs are, and the expression with their numbers in place."""
        written = self.program().with_numbers({name: one.reading for name, one in told.items()}, maximum)
        inputs = [say("{name}: {n}", "{name}: {n}", name=one.name, n=one.figure) for one in told.values()]
        return say(
            "{inputs}; biểu thức `{written}` (trong khoảng 0 đến {max} điểm)",
            "{inputs}; the expression `{written}` (between 0 and {max} points)",
            written=written,
            inputs=Text("; ".join(each.vi for each in inputs), "; ".join(each.en for each in inputs)),
            max=maximum,
        )
