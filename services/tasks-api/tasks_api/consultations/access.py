"""Who reads a consultation, and as which party they act: the unit that asks, the unit that is asked, oversight."""

from collections.abc import Mapping
from enum import StrEnum

from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal
from tasks_api.consultations.domain import Consultation
from tasks_api.consultations.transitions import Party


def parties(caller: Principal, asked: Consultation) -> Mapping[StrEnum, Role]:
    """What the caller is to this consultation, and the role that makes them so."""
    role = caller.acting_as(*UNIT_STAFF)
    if role is None:
        return {}
    found: dict[StrEnum, Role] = {}
    if caller.unit == asked.unit:
        found[Party.ASKED_STAFF] = role
    if caller.unit == asked.asker:
        found[Party.ASKER_STAFF] = role
    return found
