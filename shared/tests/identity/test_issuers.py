"""The document of issuers: read whole, and each fault named by its path."""

import re

import pytest

from cchc_shared.contract.codes import Role
from cchc_shared.identity.issuers import (
    FaultyIssuers,
    Issuer,
    check,
    check_for_production,
    is_loopback,
    load,
    the_only_one,
)
from tests.support.issuers import issuer

GOOD = """\
version: 1
issuers:
  - namespace: staff
    issuer: https://id.example.vn/realms/cchc
    roles_at: [realm_access, roles]
    role_names: {can-bo: officer, lanh-dao: unit_head}
    may_give: [officer, unit_head]
    unit_at: [unit]
  - namespace: citizen
    issuer: https://login.example.vn
    jwks_url: https://login.example.vn/keys
    may_give: [citizen]
    everyone_is_citizen: true
"""


def faults(text: str) -> list[str]:
    with pytest.raises(FaultyIssuers) as faulty:
        load(text)
    return list(faulty.value.faults)


def test_a_document_is_read() -> None:
    staff, citizens = load(GOOD)
    assert staff.role_names == {"can-bo": Role.OFFICER, "lanh-dao": Role.UNIT_HEAD}
    assert staff.discovery_url == "https://id.example.vn/realms/cchc/.well-known/openid-configuration"
    assert citizens.may_give == {Role.CITIZEN}
    assert not citizens.unit_at


@pytest.mark.parametrize(
    ("of", "to", "path"),
    [
        ("version: 1", "version: 2", "version"),
        ("version: 1\n", "", "version"),
        ("version: 1", "version: 1\nother: 1", "other"),
        ("namespace: staff", "namespace: Staff", "issuers.0.namespace"),
        ("namespace: staff", "namespace: 'staff:'", "issuers.0.namespace"),
        ("namespace: staff", "namespace: citizen", "issuers.1.namespace"),
        ("issuer: https://login.example.vn", "issuer: https://id.example.vn/realms/cchc", "issuers.1.issuer"),
        ("issuer: https://id.example.vn/realms/cchc", "issuer: cchc", "issuers.0.issuer"),
        ("    issuer: https://id.example.vn/realms/cchc\n", "", "issuers.0.issuer"),
        ("jwks_url: https", "jwks_url: ftp", "issuers.1.jwks_url"),
        ("unit_at: [unit]", "unit_at: [unit]\n    algorithms: [HS256]", "issuers.0.algorithms.0"),
        ("unit_at: [unit]", "unit_at: [unit]\n    algorithms: [none]", "issuers.0.algorithms.0"),
        ("unit_at: [unit]", "unit_at: [unit]\n    algorithms: []", "issuers.0.algorithms"),
        ("unit_at: [unit]", "unit_at: [unit]\n    skew_seconds: 301", "issuers.0.skew_seconds"),
        ("unit_at: [unit]", "unit_at: [unit]\n    secret: x", "issuers.0.secret"),
        ("unit_at: [unit]", "unit_at: [unit]\n    unit_at: [unit]", "issuers.0.unit_at"),
        ("can-bo: officer", "can-bo: officer, can-bo: unit_head", "issuers.0.role_names.can-bo"),
        ("can-bo: officer", "can-bo: operator", "issuers.0.role_names.can-bo"),
        ("can-bo: officer", "can-bo: emperor", "issuers.0.role_names.can-bo"),
        ("may_give: [citizen]", "may_give: []", "issuers.1.may_give"),
        ("    may_give: [citizen]\n", "", "issuers.1.may_give"),
        ("may_give: [citizen]", "may_give: [officer]", "issuers.1.everyone_is_citizen"),
        ("everyone_is_citizen: true", "everyone_is_citizen: false", "issuers.1.roles_at"),
        ("everyone_is_citizen: true", "everyone_is_citizen: true\n    unit_at: [unit]", "issuers.1.unit_at"),
        ("    roles_at: [realm_access, roles]\n", "", "issuers.0.role_names"),
    ],
)
def test_each_fault_is_named_by_its_path(of: str, to: str, path: str) -> None:
    assert GOOD.count(of) == 1
    assert path in {fault.partition(": ")[0] for fault in faults(GOOD.replace(of, to))}


@pytest.mark.parametrize("text", ["", "[", "text", "version: 1\nissuers: []", "version: 1\nissuers: [1]", "a: &a [*a]"])
def test_what_is_no_such_document_is_refused(text: str) -> None:
    assert all(re.match(r"[\w.]+: |not YAML: ", fault) for fault in faults(text))


def test_several_faults_are_named_at_once() -> None:
    broken = GOOD.replace("version: 1", "version: 9").replace("may_give: [citizen]", "may_give: [nobody]")
    assert {fault.partition(": ")[0] for fault in faults(broken)} == {"version", "issuers.1.may_give.0"}


def test_the_only_issuer_may_stand_beside_others_but_not_twice() -> None:
    alone = the_only_one("https://id.example.vn/keys", "cchc")
    check([alone, *load(GOOD)])
    with pytest.raises(FaultyIssuers, match="namespace"):
        check([alone, issuer(namespace="")])
    with pytest.raises(FaultyIssuers, match=r"issuers\.1\.issuer"):
        check([alone, issuer(issuer="cchc", jwks_url="https://id.example.vn/keys")])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"issuer": "http://id.example.vn/realms/cchc"}, "no TLS"),
        ({"jwks_url": "http://id.example.vn/keys"}, "no TLS"),
        ({"issuer": "https://id.example.vn/realms/cchc-example"}, "example realm"),
        ({"issuer": "x", "jwks_url": "http://127.0.0.1:8180/realms/cchc-example/certs"}, "example realm"),
    ],
)
def test_production_does_not_trust_what_anyone_could_exchange(changed: dict[str, str], why: str) -> None:
    check([issuer(**changed)])
    with pytest.raises(FaultyIssuers, match=why):
        check_for_production([issuer(**changed)])


@pytest.mark.parametrize(
    "good",
    [
        issuer(),
        issuer(issuer="http://127.0.0.1:8180/realms/cchc"),
        issuer(issuer="http://localhost:8180/realms/cchc"),
        issuer(issuer="http://keycloak:8080/realms/cchc", plain_http=True),
        the_only_one("file:///keys/jwks.json", "cchc"),
        the_only_one("http://[::1]:8180/keys", "cchc"),
    ],
)
def test_production_trusts_tls_this_machine_and_what_is_stated(good: Issuer) -> None:
    check_for_production([good])


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1.example.vn", "http://localhost.example.vn", "http://10.0.0.1", "x"]
)
def test_what_only_looks_like_this_machine_is_not(address: str) -> None:
    assert not is_loopback(address)
