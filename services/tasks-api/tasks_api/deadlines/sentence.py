"""A wording as one line of symbols, in which what was understood is replaced by a reference to its value."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

Rule = re.Pattern[str]

UNIT: Final = r"(?:day|week|month|quarter|year)"


def rule(pattern: str) -> Rule:
    """A pattern over whole symbols; `<kind>` is a reference to a value of that kind."""
    inner = re.sub(r"(?<!P)<([a-z_.]+)>", r"\1:[0-9]+", pattern)
    return re.compile(rf"(?<!\S)(?:{inner})(?!\S)")


class Sentence:
    """Symbols with one space between them: "before day 30 / 6 / 2026" becomes "before point:0", and then "due:1"."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self.text = " ".join(symbols)
        self._values: list[Any] = []

    def put(self, kind: str, value: object) -> str:
        """A reference to a value, to stand in the place of its symbols."""
        self._values.append(value)
        return f"{kind}:{len(self._values) - 1}"

    def value(self, reference: str) -> Any:
        """What a reference stands for."""
        return self._values[int(reference.rpartition(":")[2])]

    def change(self, reference: str, value: object) -> None:
        """Let a reference stand for another value."""
        self._values[int(reference.rpartition(":")[2])] = value

    def references(self, kind: str) -> Sequence[str]:
        """References of one kind, in the order of the wording."""
        return rule(f"<{kind}>").findall(self.text)

    def values(self, kind: str) -> list[Any]:
        """Values of one kind, in the order of the wording."""
        return [self.value(reference) for reference in self.references(kind)]

    def rewrite(self, found: Rule, make: Callable[[re.Match[str]], str]) -> None:
        """Replace every place where the rule fits."""
        self.text = " ".join(found.sub(make, self.text).split())

    def drop(self, found: Rule) -> None:
        """Remove what changes nothing."""
        self.rewrite(found, lambda _: "")
