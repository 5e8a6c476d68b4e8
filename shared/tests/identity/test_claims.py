"""What an issuer says counts as far as it may say it, and no caller of one issuer is ever one of another."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import Role
from cchc_shared.contract.provenance import Text
from cchc_shared.identity import refusals
from cchc_shared.identity.claims import RESERVED, good_until, principal_of
from cchc_shared.identity.issuers import Issuer
from cchc_shared.identity.principal import Principal
from cchc_shared.identity.refusals import Refused
from tests.support.issuers import issuer

TAKEN = RESERVED | {"", "staff", "citizen"}
GOOD: dict[str, Any] = {"aud": "cchc", "sub": "0b2a"}


def of(given: Issuer, **said: object) -> Principal:
    return principal_of(given, {name: value for name, value in (GOOD | said).items() if value is not None}, TAKEN)


def refusal(given: Issuer, **said: object) -> Text:
    with pytest.raises(Refused) as refused:
        of(given, **said)
    return refused.value.says


@pytest.mark.parametrize("aud", [None, "", "other", ["other"], [], {"cchc": 1}, "cchc-portal", ["cchc-portal", 1]])
def test_a_token_for_another_system_is_refused(aud: object) -> None:
    assert refusal(issuer(), aud=aud) == refusals.AUDIENCE


@pytest.mark.parametrize("aud", ["cchc", ["account", "cchc"]])
def test_ours_may_be_one_of_several(aud: object) -> None:
    assert of(issuer(), aud=aud).sub == "staff:0b2a"


@pytest.mark.parametrize("sub", [None, "", 5, ["a"], "a\0b", "a\nb", "\ud800", "x" * 250])
def test_a_subject_that_cannot_be_kept_is_none(sub: object) -> None:
    assert refusal(issuer(), sub=sub) == refusals.SUBJECT


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30), st.data())
def test_no_caller_of_one_issuer_is_one_of_another(one: str, other: str, data: st.DataObject) -> None:
    plain, staff, citizen = issuer(namespace=""), issuer(), issuer(namespace="citizen")
    first, second = data.draw(st.permutations([plain, staff, citizen]))[:2]
    other = data.draw(st.sampled_from([other, f"staff:{one}", f"citizen:{one}", f"open311:{one}"]))
    names: list[str | None] = []
    for whose, sub in ((first, one), (second, other)):
        try:
            names.append(of(whose, sub=sub).sub)
        except Refused:
            names.append(None)
    assert names[0] != names[1] or names[0] is None


@pytest.mark.parametrize("sub", ["open311:city", "zalo", "staff:0b2a"])
def test_ids_that_stand_as_they_are_cannot_be_those_of_others(sub: str) -> None:
    assert refusal(issuer(namespace=""), sub=sub) == refusals.SUBJECT


def test_roles_stand_where_the_issuer_puts_them() -> None:
    deep = issuer(roles_at=("resource_access", "cchc", "roles"))
    assert of(deep, resource_access={"cchc": {"roles": ["officer"]}}).roles == {Role.OFFICER}
    assert of(deep, resource_access={"other": {"roles": ["officer"]}}, roles=["operator"]).roles == frozenset()
    assert of(deep, resource_access="text").roles == frozenset()


def test_a_role_that_is_not_named_counts_for_nothing() -> None:
    mapped = issuer(role_names={"can-bo": "officer", "lanh-dao": "unit_head"}, may_give=["officer", "unit_head"])
    assert of(mapped, roles=["can-bo", "offline_access", "operator"]).roles == {Role.OFFICER}


@pytest.mark.parametrize("roles", [["emperor"], ["operator"], "officer", {"officer": 1}, [1], 5])
def test_an_issuer_gives_no_role_that_it_may_not(roles: object) -> None:
    assert refusal(issuer(may_give=["officer", "citizen"]), roles=roles) == refusals.ROLES


@given(
    st.lists(st.sampled_from([*map(str, Role), "offline_access"]), max_size=6),
    st.frozensets(st.sampled_from(list(Role)), min_size=1),
    st.booleans(),
)
def test_no_token_gives_more_than_its_issuer_may(named: list[str], may: frozenset[Role], mapped: bool) -> None:
    names = {f"idp-{role}": role for role in may} | ({"offline_access": min(may)} if mapped else {})
    giver = issuer(may_give=may, role_names=names if mapped else None)
    try:
        assert of(giver, roles=named).roles <= may
    except Refused:
        assert not mapped
        assert not may.issuperset(named)


def test_whoever_logs_in_as_a_citizen_is_one() -> None:
    vneid = issuer(namespace="citizen", roles_at=(), unit_at=(), may_give=["citizen"], everyone_is_citizen=True)
    assert of(vneid, roles=["operator"], unit="so-noi-vu") == Principal("citizen:0b2a", frozenset({Role.CITIZEN}), None)


@pytest.mark.parametrize("unit", [5, "", "a\nb", ["so-noi-vu"], {"a": 1}, "x" * 256])
def test_a_unit_that_cannot_be_read_is_refused(unit: object) -> None:
    assert refusal(issuer(), unit=unit) == refusals.UNIT


def test_the_unit_stands_where_the_issuer_puts_it() -> None:
    assert of(issuer(unit_at=("org", "code")), org={"code": "so-noi-vu"}, unit="another").unit == "so-noi-vu"
    assert of(issuer(unit_at=()), unit="so-noi-vu").unit is None


NOW = 1_000_000.0


@given(st.integers(-400, 400), st.integers(-400, 400), st.integers(-400, 400), st.integers(0, 300))
def test_a_token_holds_from_its_beginning_to_its_end_give_or_take_the_skew(
    exp: int, nbf: int, iat: int, skew: int
) -> None:
    said = {"exp": NOW + exp, "nbf": NOW + nbf, "iat": NOW + iat}
    holds = exp + skew > 0 and nbf <= skew and iat <= skew
    if holds:
        assert good_until(issuer(skew_seconds=skew), said, NOW) == NOW + exp + skew
        return
    with pytest.raises(Refused) as refused:
        good_until(issuer(skew_seconds=skew), said, NOW)
    assert refused.value.says == (refusals.NOT_YET if exp + skew > 0 else refusals.EXPIRED)


@pytest.mark.parametrize("value", [None, "1e9", True, math.inf, -math.inf, [NOW]])
def test_a_token_without_an_end_is_refused(value: object) -> None:
    with pytest.raises(Refused) as refused:
        good_until(issuer(), {"exp": value}, NOW)
    assert refused.value.says == refusals.NO_END


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_a_beginning_that_cannot_be_read_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        good_until(issuer(), {"exp": NOW + 1, name: "soon"}, NOW)
