"""The scope of a token: said whole, or the token is refused; of an issuer that sets none, never read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Role
from cchc_shared.identity.claims import principal_of
from cchc_shared.identity.issuers import Issuer, of_systems, the_only_one
from cchc_shared.identity.principal import Principal, Scope
from cchc_shared.identity.refusals import SCOPE, Refused

SYSTEMS, PEOPLE = of_systems("file:///none", "cchc"), the_only_one("file:///none", "cchc")
SAID: dict[str, Any] = {"routes": ["dossiers"], "units": ["a"], "channels": []}
NAMES = st.lists(st.text(max_size=5), max_size=4)


def of(issuer: Issuer, **claims: object) -> Principal:
    known = {"sub": "one-stop-1", "aud": "cchc", "roles": ["system"]}
    return principal_of(issuer, {**known, **claims}, {"system"})


def test_a_scope_is_what_its_token_says() -> None:
    expected = Scope(frozenset({"dossiers"}), frozenset({"a"}), frozenset())
    assert of(SYSTEMS, scope=SAID) == Principal("system:one-stop-1", frozenset({Role.SYSTEM}), None, expected)
    assert of(PEOPLE, scope=SAID).scope is None


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "dossiers",
        [],
        {},
        *({name: value for name, value in SAID.items() if name != left} for left in SAID),
        SAID | {"more": []},
        *(SAID | {name: "dossiers"} for name in SAID),
        *(SAID | {name: [1]} for name in SAID),
        SAID | {"routes": None},
        SAID | {"channels": None},
    ],
)
def test_what_is_not_said_whole_is_refused(wrong: object) -> None:
    with pytest.raises(Refused) as refused:
        of(SYSTEMS, scope=wrong)
    assert refused.value.says == SCOPE


@given(NAMES, st.none() | NAMES, NAMES, st.text(max_size=5))
def test_nothing_is_within_a_scope_but_what_it_names(
    routes: list[str], units: list[str] | None, channels: list[str], asked: str
) -> None:
    caller = of(SYSTEMS, scope={"routes": routes, "units": units, "channels": channels})
    assert caller.may_call(asked) == (asked in routes)
    assert caller.may_speak_of(asked) == (units is None or asked in units)
    assert caller.may_send(asked) == (asked in channels)
    person = Principal("someone", frozenset(), None)
    assert person.may_call(asked)
    assert person.may_speak_of(asked)
    assert person.may_send(asked)


def test_an_issuer_of_systems_gives_no_other_role() -> None:
    with pytest.raises(Refused):
        of(SYSTEMS, scope=SAID, roles=["operator"])
    with pytest.raises(Refused):
        of(SYSTEMS, scope=SAID, aud="cchc-test")
