"""The error by which domain code refuses a request."""

from cchc_shared.contract.provenance import Text


class RuleBroken(ValueError):
    """The request breaks a rule of the domain; `field` names the part of the request. HTTP answers 422."""

    def __init__(self, field: str, vi: str, en: str) -> None:
        super().__init__(en)
        self.field = field
        self.message = Text(vi, en)
