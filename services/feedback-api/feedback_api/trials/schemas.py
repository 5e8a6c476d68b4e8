"""Request and response models of a dry run."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StrictBool, StrictInt

from cchc_shared.http.received import ReceivedBetween
from cchc_shared.http.schemas import Out

MOST = 5000
MOST_EXPLAINED = 100
"""An explained trace names every rule that was passed over."""


class TrialIn(ReceivedBetween):
    """Rules to try on the newest reports of a period, of those that rules decided. `from` and `to` are local days of
    receipt, both included."""

    rules: dict[str, Any] = Field(
        description="The part `routing` of the city's rules, as its document writes it: `{routing: [...]}`. Desks are "
        "those in force"
    )
    limit: Annotated[StrictInt, Field(ge=1, le=MOST)] = Field(default=1000, description="How many reports to look at")
    explain: StrictBool = Field(
        default=False,
        description=f"Whether traces name the rules that were passed over; `limit` is then {MOST_EXPLAINED} at most",
    )


class TrialUnit(Out):
    unit: str
    now: int = Field(description="Reports that the rules in force send there")
    then: int = Field(description="Reports that the rules on trial send there")


class TrialPassedOver(Out):
    """A rule before the one that took the report."""

    rule: str
    unmet: str = Field(description="The first of its conditions that was not met")


class TrialDecision(Out):
    unit: str
    routing: dict[str, Any] = Field(description="The trace, as a report would store it")
    passed_over: list[TrialPassedOver] | None = None


class TrialMove(Out):
    """A report that would go elsewhere. Nothing of its words is shown."""

    code: str
    received_at: datetime
    now: TrialDecision
    then: TrialDecision


class TrialOut(Out):
    examined: int
    complete: bool = Field(description="Whether these were all reports of the period that the rules decided")
    undecided: int = Field(description="Reports that no desk of the rules in force has, and that count nowhere")
    units: list[TrialUnit] = Field(description="By code")
    moved: list[TrialMove] = Field(description="Newest first")
