"""How a part of a document says, in both languages, what is wrong with it."""


class Wrong(ValueError):
    """`str` of it is the English text."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
