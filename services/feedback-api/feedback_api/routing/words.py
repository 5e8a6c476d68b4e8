"""Finds many phrases in a text at once, as whole words without marks."""

from collections.abc import Iterable

from cchc_shared.contract.wording import unmarked


class PhraseIndex:
    """Phrases by their first word: looking through a text takes as long as it has words, however many phrases."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, list[str]] = {}
        for phrase in {unmarked(each) for each in phrases} - {""}:
            self._by_first.setdefault(phrase.partition(" ")[0], []).append(phrase)

    def found(self, *texts: str) -> set[str]:
        """The unmarked phrases that stand in one of the texts."""
        found = set[str]()
        for text in texts:
            words = unmarked(text)
            padded = f" {words} "
            for first in self._by_first.keys() & set(words.split(" ")):
                found.update(phrase for phrase in self._by_first[first] if f" {phrase} " in padded)
        return found
