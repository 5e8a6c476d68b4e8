"""Points by the answers to a question: each answer is worth a share."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.figures import Told, percent, say
from scoring_worker.index_sets.reading import Readings
from scoring_worker.index_sets.rules.kind import Kind, Needs
from scoring_worker.index_sets.texts import Code, Figure, Text
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Answers(Kind):
    """max · Σ (share of an answer · how often it was given) / Σ how often.

    The inputs of the criterion are named as the answers are. A province maps A, B, C, E to 100, 60, 20, 0 %.
    """

    needs: ClassVar[Needs] = "several"
    title: ClassVar[Text] = Text("Theo câu trả lời", "By answers")

    kind: Literal["answers"]
    shares: dict[Code, Figure]

    def __post_init__(self) -> None:
        if not self.shares or not all(0 <= share <= 1 for share in self.shares.values()):
            raise Wrong("phải nêu các tỷ lệ, mỗi tỷ lệ từ 0 đến 1", "shares must be named, each between 0 and 1")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction | None:
        """Between 0 and `maximum`; None where nobody answered."""
        given = {name: reading.value for name, reading in readings.items()}
        number = sum(given.values(), Fraction(0))
        if not number:
            return None
        return maximum * sum((Fraction(self.shares[name]) * n for name, n in given.items()), Fraction(0)) / number

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """ "(Tốt: 10 × 100 % + Kém: 2 × 0 %) ÷ 12 × 4 điểm" """
        form = "{name}: {n} × {share}"
        given = [
            say(form, form, name=one.name, n=one.figure, share=percent(self.shares[name])) for name, one in told.items()
        ]
        sums = Text(" + ".join(each.vi for each in given), " + ".join(each.en for each in given))
        number = sum((one.reading.value for one in told.values()), Fraction(0))
        return say("({sums}) ÷ {n} × {max} điểm", "({sums}) ÷ {n} × {max} points", sums=sums, n=number, max=maximum)
