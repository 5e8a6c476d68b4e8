"""The realm for Keycloak puts into a token what the services read, and nothing that they refuse.

Keycloak itself does not run here (tests/end_to_end/test_keycloak.py): its mappers are followed by hand, and the token
that they describe is given to the code that checks tokens.
"""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.codes import Role
from cchc_shared.http.problems import Problem
from cchc_shared.http.tokens import Principal, Tokens
from cchc_shared.identity.fetching import FITS
from cchc_shared.identity.issuers import AUDIENCE, EXAMPLE_REALM, read_issuers, the_only_one

FOLDER = REPOSITORY / "deploy/keycloak"
REALM: dict[str, Any] = json.loads((FOLDER / "cchc-realm.json").read_text("utf-8"))
EXAMPLE: dict[str, Any] = json.loads((FOLDER / f"{EXAMPLE_REALM}-realm.json").read_text("utf-8"))
ISSUER = f"https://id.example.vn/realms/{REALM['realm']}"
[SCOPE] = [scope for scope in REALM["clientScopes"] if scope["name"] == "cchc"]
MAPPERS = {mapper["protocolMapper"]: mapper["config"] for mapper in SCOPE["protocolMappers"]}
SUBJECT = "0b2a6c1e-7f43-4a57-9d0c-1f1d1f2c9a55"


def claims(roles: list[str], attributes: dict[str, str]) -> dict[str, Any]:
    """The access token of somebody with these roles of the client `cchc`, as Keycloak's mappers describe it."""
    now = int(time.time())
    found: dict[str, Any] = {"iss": ISSUER, "iat": now, "exp": now + REALM["accessTokenLifespan"], "typ": "Bearer"}
    for kind, config in MAPPERS.items():
        assert config["access.token.claim"] == "true", kind
        if kind == "oidc-sub-mapper":
            found["sub"] = SUBJECT
        elif kind == "oidc-audience-mapper":
            found["aud"] = config["included.client.audience"]
        elif kind == "oidc-usermodel-client-role-mapper":
            assert (config["usermodel.clientRoleMapping.clientId"], config["multivalued"]) == (AUDIENCE, "true")
            found[config["claim.name"]] = roles
        elif kind == "oidc-usermodel-attribute-mapper":
            assert config["jsonType.label"] == "String"
            if value := attributes.get(config["user.attribute"]):
                found[config["claim.name"]] = value
        else:
            raise AssertionError(f"a mapper that this test does not know: {kind}")
    return found


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture
def checked(key: RSAPrivateKey, tmp_path: Path) -> Tokens:
    """The services' own check. Keycloak also publishes a key for encryption, which is not for us."""
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = [public | {"kid": "enc", "use": "enc", "alg": "RSA-OAEP"}, public | {"kid": "sig", "use": "sig"}]
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [keys[0], keys[1] | {"alg": REALM["defaultSignatureAlgorithm"]}]}))
    return Tokens([the_only_one(f"file://{file}", ISSUER)])


def signed(key: RSAPrivateKey, said: dict[str, Any]) -> str:
    return jwt.encode(said, key, algorithm=REALM["defaultSignatureAlgorithm"], headers={"kid": "sig"})


async def test_an_officials_token_is_accepted_with_roles_and_unit(key: RSAPrivateKey, checked: Tokens) -> None:
    said = claims(["officer", "unit_head"], {"unit": "so-noi-vu"})
    expected = Principal(SUBJECT, frozenset({Role.OFFICER, Role.UNIT_HEAD}), "so-noi-vu")
    assert await checked.principal(signed(key, said)) == expected


async def test_a_citizen_needs_no_unit(key: RSAPrivateKey, checked: Tokens) -> None:
    assert await checked.principal(signed(key, claims(["citizen"], {}))) == Principal(
        SUBJECT, frozenset({Role.CITIZEN}), None
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://id.example.vn/realms/master"},
        {"aud": "account"},
        {"exp": 1},
        {"iat": 4102444800},
        {"roles": ["officer", "offline_access"]},
        {"roles": "officer"},
        {"unit": ["so-noi-vu"]},
        {"sub": None},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_what_the_guide_says_is_refused_is_refused(
    changed: dict[str, Any], key: RSAPrivateKey, checked: Tokens
) -> None:
    with pytest.raises(Problem) as refused:
        await checked.principal(signed(key, claims(["officer"], {}) | changed))
    assert refused.value.status == 401


def test_the_realm_knows_every_role_and_no_other() -> None:
    assert {role["name"] for role in REALM["roles"]["client"]["cchc"]} == {str(role) for role in Role}
    for user in REALM["users"]:
        assert set(user["clientRoles"]["cchc"]) <= {str(role) for role in Role}


def test_tokens_are_short_and_signed_as_the_services_accept() -> None:
    assert REALM["defaultSignatureAlgorithm"] in FITS
    assert REALM["accessTokenLifespan"] <= 900


def test_every_client_that_gets_tokens_has_the_scope_and_no_password_passes_through_it() -> None:
    for client in REALM["clients"]:
        assert client["directAccessGrantsEnabled"] is False
        assert not client.get("implicitFlowEnabled")
        if client["standardFlowEnabled"] or client["serviceAccountsEnabled"]:
            assert "cchc" in client["defaultClientScopes"]
        if client["publicClient"]:
            assert client["attributes"]["pkce.code.challenge.method"] == "S256"
            assert all(uri.startswith("https://") for uri in client["redirectUris"])


def test_nobody_chooses_the_unit_that_they_work_for() -> None:
    [provider] = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(provider["config"]["kc.user.profile.config"][0])
    [unit] = [each for each in profile["attributes"] if each["name"] == "unit"]
    assert unit["permissions"]["edit"] == ["admin"]
    assert profile.get("unmanagedAttributePolicy") is None


def test_the_example_is_the_realm_for_cities_with_people_and_secrets_that_everybody_knows() -> None:
    same = REALM.keys() - {"realm", "displayName", "clients", "users"}
    assert {name: EXAMPLE[name] for name in same} == {name: REALM[name] for name in same}
    assert EXAMPLE["realm"] == EXAMPLE_REALM
    for ours, example in zip(REALM["clients"], EXAMPLE["clients"], strict=True):
        assert ours["clientId"] == example["clientId"]
        assert {name for name in example if example[name] != ours.get(name)} <= {"redirectUris", "webOrigins", "secret"}
    people = [user for user in EXAMPLE["users"] if "credentials" in user]
    assert len(people) == 2
    assert all("invented" in user["firstName"] for user in people)


def test_the_realm_for_cities_holds_no_secret() -> None:
    assert not any("credentials" in user for user in REALM["users"])
    assert not any("secret" in client for client in REALM["clients"])


def test_the_example_document_names_the_example_realm() -> None:
    [staff] = read_issuers(FOLDER / "issuers.yaml")
    assert staff.issuer == f"http://127.0.0.1:8180/realms/{EXAMPLE_REALM}"
    assert staff.may_give == set(Role) - {Role.CITIZEN}
