"""A file of which nothing can be taken."""

from cchc_shared.contract.provenance import Text


class Unreadable(ValueError):
    """Why nothing can be taken of it, in both languages; `str` of it is the English text."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.message = Text(vi, en)
