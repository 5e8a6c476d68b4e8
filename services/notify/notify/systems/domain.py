"""A connected system and its scope. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from cchc_shared.contract.codes import Channel
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.identity.issuers import SYSTEMS


class System(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a connected system: a row of the table `system`. It is nobody's name: an office answers for it.

    `routes` are areas of the contract (`dossiers`) and single operations (`dossiers.send`). `units` is empty where the
    system speaks for the whole city. A system that sends no reports has no `channels`.
    """

    code: str
    version: int
    name: str
    office: str
    routes: Sequence[str]
    units: Sequence[str]
    whole_city: bool
    channels: Sequence[Channel]
    suspended: bool = False
    created_at: datetime
    actor: str
    at: datetime


def subject(code: str) -> str:
    """How that system is named as a caller."""
    return f"{SYSTEMS}:{code}"


def code_of(subject_: str) -> str:
    """The code of the system that a caller with that name would be; empty where it is named like none."""
    code = subject_.rpartition(":")[2]
    return code if subject_ == subject(code) else ""


def check_units(units: Sequence[str], *, whole_city: bool) -> None:
    """Raise `RuleBroken` unless it is said for whom the system speaks: no list that was forgotten means everybody."""
    if whole_city and units:
        raise RuleBroken("units", "phải để trống khi dùng cho toàn thành phố", "must be empty for the whole city")
    if not whole_city and not units:
        raise RuleBroken("units", "nêu mã đơn vị, hoặc đặt `whole_city`", "name units, or say `whole_city`")
