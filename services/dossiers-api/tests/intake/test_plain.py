"""An item that is plainly written is read as the model reads it, and what the model refuses is not read."""

from datetime import datetime
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from dossiers_api.intake.plain import PlainItem, read_plain
from dossiers_api.intake.schemas import DeliveryIn

from ..conftest import ITEM

TEXTS = st.text(max_size=64) | st.text("aấ\u0302\u00a0\u001c\u200b\u200d\ufeff \t\n\0\ud800", max_size=5)
INSTANTS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["2026-11-02", "2026-02-30", "0001-01-01", "26-11-02"]),
    st.sampled_from(["T", "t", " ", ""]),
    st.sampled_from(["09:00:00", "24:00:00", "09:00:60", "09:00", "09:00:00.1", "09:00:00.123456", "09:00:00.1234567"]),
    st.sampled_from(["Z", "z", "+07:00", "-00:00", "+0700", "+07", "+25:00", ".1234Z", ""]),
)
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 1, 0.5, [], {}, "true", "received", "online"])


@given(
    st.dictionaries(
        st.sampled_from([*ITEM, *PlainItem.__struct_fields__, "MaHoSo"]), TEXTS | INSTANTS | ODD, max_size=4
    )
)
@example({"at": "2026-11-02T09:00:00.1234Z"})
@example({"source_status": "\ud800"})
@example({"unit": " so-noi-vu\t", "dossier": " " * 60})
@example({"received_at": "2026-11-02 09:00:00+07:00"})
def test_it_reads_like_the_model(change: dict[str, Any]) -> None:
    said = ITEM | change
    plain = read_plain(said)
    if plain is not None:
        model = DeliveryIn.model_validate(said)
        assert msgspec.structs.asdict(plain) == model.model_dump()


def test_what_systems_send_is_plain() -> None:
    plain = read_plain(ITEM)
    assert plain is not None
    assert plain.at == datetime.fromisoformat(ITEM["at"])
    assert read_plain(ITEM | {"at": "2026-11-02T02:00:00Z", "unit": " Sở Nội vụ "}) is not None
