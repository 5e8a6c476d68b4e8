"""The wire, and what one stream tells: whatever is in it, it is one message or none."""

from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from notify.audience.domain import OF_EVERY_UNIT, TYPES_TOLD, UNITS_IN, Happening, Scope, scopes_of
from notify.live.domain import HEARTBEAT, Reach, Told, farewell, message, opening, position, reach_of, unknown

from ..conftest import NOW
from .conftest import Message, read

ID = UUID("01930000-0000-7000-8000-000000000001")
UNITS = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(sorted(TYPES_TOLD))


def row(type_: str, units: list[str], subject: str = "x") -> Told:
    return Told(
        event_id=ID, type=type_, thing=TYPES_TOLD[type_], subject=subject, version=1, units=units,
        occurred_at=NOW, recorded_at=NOW, place=1,
    )  # fmt: skip


@given(type_=TYPES, subject=st.text(min_size=1))
def test_an_event_is_one_message_whatever_its_words(type_: str, subject: str) -> None:
    event = row(type_, ["a"], subject)
    reach = Reach([Scope(frozenset(UNITS_IN), None)], frozenset(TYPES_TOLD))
    [found] = read(message(event, reach).decode())
    assert (found.id, found.type) == (str(ID), type_)
    assert msgspec.json.decode(found.data)["data"]["id"] == subject


@given(
    roles=st.frozensets(st.sampled_from(list(Role))),
    own=st.none() | UNITS,
    type_=TYPES,
    units=st.lists(UNITS, min_size=1, unique=True),
    types=st.frozensets(TYPES),
    wanted=st.frozensets(UNITS),
)
def test_a_person_is_told_what_their_roles_list_and_nothing_of_another_unit(
    roles: frozenset[Role],
    own: str | None,
    type_: str,
    units: list[str],
    types: frozenset[str],
    wanted: frozenset[str],
) -> None:
    thing = TYPES_TOLD[type_]
    everywhere = bool(roles & set(OF_EVERY_UNIT[thing]))
    known = [
        unit
        for unit in units
        if (everywhere or (unit == own and roles & set(UNIT_STAFF))) and (not wanted or unit in wanted)
    ]
    right = known if not types or type_ in types else []
    found = list(read(message(row(type_, units), reach_of(scopes_of(roles, own), types, wanted)).decode()))
    assert [msgspec.json.decode(each.data)["data"]["units"] for each in found] == ([right] if right else [])


@given(roles=st.frozensets(st.sampled_from(list(Role))), own=st.none() | UNITS)
def test_no_thing_stands_in_two_scopes(roles: frozenset[Role], own: str | None) -> None:
    things = [thing for scope in scopes_of(roles, own) for thing in scope.things]
    assert len(things) == len(set(things))


def test_citizens_and_the_operator_of_reports_are_told_nothing_of_reports() -> None:
    assert scopes_of({Role.CITIZEN}, "a") == []
    assert scopes_of({Role.OFFICER}, None) == []
    for role in set(OVERSIGHT) - set(OF_EVERY_UNIT["feedback"]):
        assert all("feedback" not in scope.things for scope in scopes_of({role}, "a"))


def test_what_is_beyond_the_scopes_is_named() -> None:
    scopes = scopes_of({Role.OFFICER}, "a")
    assert unknown(scopes, sorted(TYPES_TOLD), ["a"]).types == []
    beyond = unknown(scopes, ["vn.hanoi.cchc.inspection.planned.v1", "x"], ["a", "b"])
    assert (beyond.types, beyond.units) == (["vn.hanoi.cchc.inspection.planned.v1", "x"], ["b"])
    city = [Scope(frozenset({"dossier"}), None)]
    assert unknown(city, ["vn.hanoi.cchc.feedback.received.v1"], ["b"]).types
    assert unknown(city, [], ["b"]).units == []


def test_what_is_no_event_is_shown_to_nobody() -> None:
    begun, lost = opening("earliest", lost=False).decode(), opening(str(ID), lost=True).decode()
    assert list(read(begun)) == [Message("earliest", "", "")]
    [reset] = read(lost)
    assert (reset.id, reset.type, msgspec.json.decode(reset.data)) == (str(ID), "reset", {"last_event_id": str(ID)})
    assert begun.startswith("retry: ")
    [moved] = read(position(str(ID)).decode())
    assert (moved.id, moved.data) == (str(ID), "")
    for silent in (HEARTBEAT, farewell("a"), farewell("b")):
        assert [each.data for each in read(silent.decode())] == [""]
    assert farewell("a") != farewell("b")


def test_a_happening_holds_no_words() -> None:
    assert set(Happening.__struct_fields__) == {
        "event_id", "type", "thing", "subject", "version", "units", "occurred_at", "recorded_at",
    }  # fmt: skip
