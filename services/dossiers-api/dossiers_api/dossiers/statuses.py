"""Which status may follow which at a later time. What no row allows is going backwards.

Sources name the statuses (`interop_status`, codes 1 to 10 of the national portal), not what may follow what: these rows
are a default of this software. A supplement, a payment and a withdrawal are asked for before receipt or after it.
"""

from collections.abc import Mapping
from typing import Final

from cchc_shared.contract.codes import DossierStatus as Status

_ASIDE: Final = frozenset({Status.SUPPLEMENT_REQUESTED, Status.PAYMENT_REQUESTED, Status.WITHDRAWAL_REQUESTED})
_AT_WORK: Final = frozenset({Status.RECEIVED, Status.IN_PROGRESS, *_ASIDE})
_ENDS: Final = frozenset({Status.HANDLED, Status.RETURNED, Status.STOPPED})

FOLLOWS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.REGISTERED: _AT_WORK | _ENDS | {Status.REGISTERED, Status.NOT_RECEIVED},
    Status.NOT_RECEIVED: frozenset({Status.NOT_RECEIVED}),
    Status.RECEIVED: _AT_WORK | _ENDS,
    Status.IN_PROGRESS: _AT_WORK | _ENDS,
    **{each: _AT_WORK | _ENDS | {Status.NOT_RECEIVED} for each in _ASIDE},
    Status.STOPPED: frozenset({Status.STOPPED, Status.RETURNED}),
    Status.HANDLED: frozenset({Status.HANDLED, Status.PAYMENT_REQUESTED, Status.RETURNED}),
    Status.RETURNED: frozenset({Status.RETURNED}),
}
"""Status → those that may come after it."""
