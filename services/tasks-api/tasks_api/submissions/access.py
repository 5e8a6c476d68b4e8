"""Who reads a submission, and as which party they act: the unit that submits, the unit that decides, oversight."""

from collections.abc import Mapping
from enum import StrEnum

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from tasks_api.city import City
from tasks_api.submissions.domain import Submission
from tasks_api.submissions.transitions import Party
from tasks_api.tasks.access import speaks_for


def parties(caller: Principal, papers: Submission, city: City) -> Mapping[StrEnum, Role]:
    """What the caller is to these papers, and the role that makes them so.

    What is submitted to the city itself, the office decides that assigns for it.
    """
    found: dict[StrEnum, Role] = {}
    if role := caller.acting_as(*UNIT_STAFF):
        staff = {papers.unit: Party.SENDER_STAFF, papers.to_unit: Party.RECEIVER_STAFF}
        head = {papers.unit: Party.SENDER_HEAD, papers.to_unit: Party.RECEIVER_HEAD}
        if caller.unit in staff:
            found[staff[caller.unit]] = role
            if role is Role.UNIT_HEAD:
                found[head[caller.unit]] = role
    if caller.has(Role.COORDINATOR) and speaks_for(caller, papers.to_unit, city):
        found[Party.RECEIVER_STAFF] = found[Party.RECEIVER_HEAD] = Role.COORDINATOR
    return found
