"""How domain code says that what was asked for is not allowed."""

from cchc_shared.contract.provenance import Text


class RuleBroken(ValueError):
    """What was asked for breaks a rule of the domain; `field` names the part of the request. HTTP answers 422."""

    def __init__(self, field: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.field = field
        self.message = Text(vi, en)
