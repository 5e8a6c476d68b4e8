"""Reads items that are plainly written, as nearly all are: in a fifth of the time that their model takes."""

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from cchc_shared.http.schemas import FIRST_DAY, LAST_DAY
from cchc_shared.http.text import trimmed

FIRST_YEAR, LAST_YEAR = str(FIRST_DAY.year), str(LAST_DAY.year)
_Word = Annotated[str, Meta(min_length=1, max_length=60)]
_Instant = Annotated[datetime, Meta(tz=True)]


class PlainItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """`DeliveryIn`, plainly written: of its texts nothing has to be composed or left out but blanks around them.

    It reads like the model. Any other item is for the model, and so is whatever this refuses.
    """

    dossier: _Word
    status: DossierStatus
    at: _Instant
    procedure: _Word
    unit: Annotated[str, Meta(min_length=1, max_length=100)]
    channel: DossierChannel
    field: _Word | None = None
    received_at: _Instant | None = None
    appointment_at: _Instant | None = None
    fee_charged: bool = False
    paid_online: bool | None = None
    digitisation: Digitisation | None = None
    electronic_result: bool | None = None
    satisfied: bool | None = None
    source_status: Annotated[str, Meta(max_length=60)] | None = None


_TEXTS: Final = ("dossier", "procedure", "unit", "field", "source_status")
_INSTANTS: Final = ("at", "received_at", "appointment_at")


def read_plain(said: Any) -> PlainItem | None:
    """The item that JSON says; None where the model has to read it."""
    try:
        item = msgspec.convert(said, PlainItem)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None
    for name in _INSTANTS:
        if (written := said.get(name)) is not None and not _is_plain(written):
            return None
    for name in _TEXTS:
        if given := getattr(item, name):
            # What is printable can be encoded too: half of a surrogate pair cannot.
            if not given.isprintable() or not (text := trimmed(given)):
                return None
            if text != given:
                setattr(item, name, text)
    return item


def _is_plain(instant: str) -> bool:
    """Whether it has seconds, no fraction of them, and ends with `Z` or an offset: `2026-03-02T09:00:00+07:00`.

    Of our time, too. Of what msgspec takes for an instant, RFC 3339 allows just these without a look at each character.
    """
    zoned = len(instant) == 20 or (len(instant) == 25 and instant[22] == ":")
    return FIRST_YEAR <= instant[:4] <= LAST_YEAR and instant[10] == "T" and zoned
