"""Request and response models of erasure."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from cchc_shared.http.schemas import In, Out, bounded
from feedback_api.reports.domain import Erased


class ErasureIn(In):
    """What to erase of a report that has ended, and why. `text` erases the contact data too."""

    what: Erased
    reason: Annotated[str, bounded(60, min_length=1)] = Field(description="Code of a reason from the city's list")


class ErasureOut(Out):
    """A tombstone: something was erased by a rule, or at an operator's request for a reason."""

    what: Erased
    at: datetime
    rule: str | None = Field(description="Id of the rule of retention")
    rules_version: str | None = Field(description="Version of the document that the rule stands in")
    reason: str | None = Field(description="Code of the reason of a request")
    actor: str | None = Field(description="Subject of the token of the operator who erased it")


class Erasures(Out):
    code: str
    items: list[ErasureOut]
