"""Whose dossiers a caller may count."""

from cchc_shared.contract.codes import OVERSIGHT
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import not_found


def counted_unit(caller: Principal, unit: str | None) -> str | None:
    """The unit that is counted, None: all of them. Staff count their own; raises 404 for any other."""
    if caller.has(*OVERSIGHT):
        return unit
    if caller.unit is None or unit not in {None, caller.unit}:
        raise not_found("đơn vị", "the unit")
    return caller.unit
