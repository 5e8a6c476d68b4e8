"""Who is what to a season and to a unit's card: without a server."""

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.codes import OVERSIGHT, Role
from cchc_shared.http.access import Principal
from scoring_worker.seasons import access
from scoring_worker.seasons.access import ENTERS, CardParty
from scoring_worker.seasons.domain import Season, Stage, Step
from tests.support.seasons import known_season

UNITS = [None, "so-y-te", "so-noi-vu", "xa-a", "phong-1"]
ROLES = st.frozensets(st.sampled_from(list(Role)), max_size=4)


def season(owner: str | None = None, stage: Stage = Stage.APPRAISAL_1) -> Season:
    return known_season(owner=owner, status=stage)


CALLERS = st.builds(Principal, st.just("x"), ROLES, st.sampled_from(UNITS))


@given(CALLERS, st.sampled_from([None, "xa-a"]), st.sampled_from(["so-y-te", "so-noi-vu", "phong-1"]))
def test_nobody_appraises_or_decides_on_their_own_unit(caller: Principal, owner: str | None, unit: str) -> None:
    mine = access.parties_of_unit(caller, season(owner), unit)
    if caller.unit == unit:
        assert set(mine) <= {CardParty.UNIT}
        assert not any(access.appraises(caller, season(owner), unit, field) for field in ("1", "2"))
    else:
        assert CardParty.UNIT not in mine


@given(CALLERS, st.sampled_from(["so-y-te", "so-noi-vu"]))
def test_a_field_is_appraised_by_its_owner_or_by_the_board(caller: Principal, unit: str) -> None:
    mine = access.parties_of_unit(caller, season(), unit)
    assert access.appraises(caller, season(), unit, "2") == (CardParty.BOARD in mine)
    by_owner = CardParty.APPRAISER in mine and caller.unit == "so-noi-vu"
    assert access.appraises(caller, season(), unit, "1") == (
        CardParty.BOARD in mine if unit == "so-noi-vu" else by_owner
    )


@given(CALLERS)
def test_a_season_of_a_unit_is_run_by_its_head_alone(caller: Principal) -> None:
    runs = access.runs(caller, "xa-a") is not None
    assert runs == (caller.unit == "xa-a" and Role.UNIT_HEAD in caller.roles)
    assert (access.decides(caller, "xa-a") is not None) == runs
    assert (access.runs(caller, None) is not None) == (Role.SCORING_BOARD in caller.roles)
    assert (access.decides(caller, None) is not None) == (Role.COUNCIL in caller.roles)


@given(CALLERS)
def test_before_publication_a_card_is_seen_by_its_unit_and_by_who_works_on_it(caller: Principal) -> None:
    seen = access.sees(caller, season(), "so-y-te")
    works = bool(access.parties_of_unit(caller, season(), "so-y-te"))
    assert seen == (works or caller.has(*OVERSIGHT))
    assert access.sees(caller, season(stage=Stage.PUBLISHED), "so-y-te")


def test_every_step_is_entered_by_somebody() -> None:
    assert set(ENTERS) == set(Step)
    assert all(ENTERS.values())
