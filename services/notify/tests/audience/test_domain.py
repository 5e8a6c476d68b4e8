"""Nobody is told of more than the scope says: of no other thing, of no other unit."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import DossierChannel, DossierStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.dossier import DossierOpened, DossierReassigned
from cchc_shared.contract.events.registry import TYPES
from notify.audience.domain import TYPES_TOLD, UNITS_IN, Scope, happening, narrowed, scope_of, units_told

from ..conftest import NOW

STATE: dict[str, Any] = {
    "code": "H26.1-261118-1",
    "procedure": "1.001",
    "channel": DossierChannel.COUNTER,
    "status": DossierStatus.REGISTERED,
}
UNITS = st.sampled_from(["a", "b", "c"])


@given(units=st.frozensets(UNITS), wanted=st.frozensets(UNITS), unit=UNITS, whole=st.booleans(), named=st.booleans())
def test_a_unit_is_told_by_the_scope_and_by_what_is_wanted(
    units: frozenset[str], wanted: frozenset[str], unit: str, *, whole: bool, named: bool
) -> None:
    scope = narrowed(scope_of(["events.dossier"] if named else ["dossiers"], units, whole_city=whole), wanted)
    event = new_event(DossierOpened(unit=unit, **STATE), subject="x", version=1, occurred_at=NOW, recorded_at=NOW)
    right = named and (whole or unit in units) and (not wanted or unit in wanted)
    assert units_told(scope, happening(event)) == ([unit] if right else [] if named else ())


@pytest.mark.parametrize(
    ("units", "told"), [(["a"], ["a"]), (["b"], ["b"]), (["b", "a"], ["b", "a"]), (["c"], []), ([], [])]
)
def test_the_unit_that_had_a_thing_hears_that_it_went_and_not_where_to(units: list[str], told: Sequence[str]) -> None:
    data = DossierReassigned(unit="b", from_unit="a", to_unit="b", **STATE)
    event = new_event(data, subject="x", version=2, occurred_at=NOW, recorded_at=NOW)
    assert units_told(Scope(frozenset({"dossier"}), frozenset(units)), happening(event)) == told


def test_what_may_be_unannounced_or_belongs_to_no_unit_is_told_to_nobody() -> None:
    never = {kind.AGGREGATE for name, kind in TYPES.items() if name not in TYPES_TOLD}
    assert never == {"inspection", "recommendation", "plan", "submission", "unit"}


def test_every_thing_that_is_told_names_a_unit_in_each_of_its_events() -> None:
    for name, aggregate in TYPES_TOLD.items():
        assert UNITS_IN[aggregate][0] in TYPES[name].__struct_fields__, name
