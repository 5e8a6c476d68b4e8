"""The page for identity teams says what the code does: claims, roles, algorithms, bounds, and its example documents."""

import re

import pytest

from cchc_embedded import keycloak
from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.codes import Role
from cchc_shared.identity.claims import MOST_CHARACTERS
from cchc_shared.identity.compact import DEEPEST, LONGEST
from cchc_shared.identity.fetching import FITS, LEAST_BITS
from cchc_shared.identity.issuers import EXAMPLE_REALM, Issuer, check_for_production, load
from cchc_shared.identity.keys import BURST, MAX_AGE, PAUSE

GUIDE = (REPOSITORY / "docs/guides/identity.md").read_text("utf-8")
NAMED = set(re.findall(r"`([\w.-]+)`", GUIDE))
DOCUMENTS = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_every_claim_role_and_algorithm_is_named() -> None:
    assert {"iss", "aud", "sub", "exp", "iat", "nbf", "unit", "kid", "alg", "typ"} <= NAMED
    assert {str(role) for role in Role} <= NAMED
    assert FITS.keys() <= NAMED


def test_every_member_of_an_entry_is_explained_and_no_other() -> None:
    table = GUIDE.split("| member · mục |", 1)[1].split("\n\n", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == Issuer.model_fields.keys()


@pytest.mark.parametrize("text", DOCUMENTS)
def test_each_document_is_one_that_production_takes(text: str) -> None:
    check_for_production(load(text))


def test_there_is_a_document_with_an_issuer_of_citizens_who_can_be_nothing_else() -> None:
    issuers = {issuer.namespace: issuer for text in DOCUMENTS for issuer in load(text)}
    assert issuers["citizen"].may_give == {Role.CITIZEN}
    assert not issuers["citizen"].unit_at
    assert Role.CITIZEN not in issuers["staff"].may_give


def test_its_numbers_are_those_of_the_code() -> None:
    skew = Issuer.model_fields["skew_seconds"]
    for said in (
        f"at most {LONGEST} characters long and {DEEPEST} layers deep",
        f"at most {MOST_CHARACTERS} characters",
        f"RSA keys of {LEAST_BITS} bits",
        f"{skew.default} seconds, `skew_seconds` of an entry from 0 to 300",
    ):
        assert said in GUIDE
    assert (BURST, PAUSE, MAX_AGE) == (5, 2, 300), "as the guide has them, in words"


def test_the_example_stands_there_as_it_runs() -> None:
    realm = keycloak.REALM.read_text("utf-8")
    for secret in re.findall(r'"(?:secret|value)": "([^"]+)"', realm):
        assert secret in GUIDE
    assert f"`{EXAMPLE_REALM}`" in GUIDE
    assert f"`{keycloak.ADMIN}`, password `{keycloak.PASSWORD}`" in GUIDE
