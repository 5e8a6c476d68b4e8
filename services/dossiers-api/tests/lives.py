"""Dossiers as one-stop systems speak of them: whole lives, and what goes wrong on the way."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from cchc_shared.contract.codes import Digitisation, DossierChannel, DossierStatus
from dossiers_api.dossiers.domain import Delivery

RECEIVED = datetime(2026, 3, 2, 2, tzinfo=UTC)
AFTER_RECEIPT = [
    status for status in DossierStatus if status not in {DossierStatus.REGISTERED, DossierStatus.NOT_RECEIVED}
]


def delivery(status: DossierStatus, hours: int, **other: object) -> Delivery:
    """That a dossier took a status so many hours after it was received."""
    own: dict[str, object] = {
        "status": status,
        "at": RECEIVED + timedelta(hours=hours),
        "procedure": "1.001234",
        "unit": "A",
        "channel": DossierChannel.ONLINE,
        "received_at": RECEIVED if status in AFTER_RECEIPT else None,
        "appointment_at": RECEIVED + timedelta(hours=100),
    }
    return Delivery(**own | other)  # type: ignore[arg-type]


@st.composite
def said(draw: st.DrawFn) -> list[Delivery]:
    """Anything that may be said of one dossier, backwards and repeated requests included; no key twice."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(list(DossierStatus)), st.integers(0, 300)), min_size=1, max_size=9, unique=True
        )
    )
    return [
        delivery(
            status,
            hours,
            fee_charged=draw(st.booleans()),
            paid_online=draw(st.sampled_from([None, None, True, False])),
            digitisation=draw(st.sampled_from([None, *Digitisation])),
            electronic_result=draw(st.sampled_from([None, True, False])),
            satisfied=draw(st.sampled_from([None, None, True, False])),
        )
        for status, hours in keys
    ]
