"""Tokens are read strictly: what is not plainly one signed object is refused, and nothing else happens."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.contract.provenance import Text
from cchc_shared.identity import refusals
from cchc_shared.identity.compact import DEEPEST, LONGEST, read
from cchc_shared.identity.refusals import Refused

HEADER = {"alg": "EdDSA", "kid": "1", "typ": "JWT"}


def part(content: object) -> str:
    text = content if isinstance(content, str) else json.dumps(content)
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def token(header: object = HEADER, claims: object = "{}", signature: str = "c2ln") -> str:
    return f"{part(header)}.{part(claims)}.{signature}"


def refusal(text: str) -> Text:
    with pytest.raises(Refused) as refused:
        read(text)
    return refused.value.says


def nested(layers: int) -> str:
    return '{"a":' * layers + "1" + "}" * layers


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x" * (LONGEST + 1), refusals.TOO_LONG),
        ("", refusals.MALFORMED),
        ("a.b", refusals.MALFORMED),
        ("a.b.c.d.e", refusals.MALFORMED),
        (token() + "\n", refusals.MALFORMED),
        (token(signature="c2ln="), refusals.MALFORMED),
        (token(claims="[]"), refusals.MALFORMED),
        (token(claims='"text"'), refusals.MALFORMED),
        (token(claims='{"exp":NaN}'), refusals.MALFORMED),
        (token(claims="{"), refusals.MALFORMED),
        (token(claims=""), refusals.MALFORMED),
        (token(header=HEADER | {"crit": ["b64"], "b64": False}), refusals.MALFORMED),
        (token(header=HEADER | {"typ": "logout+jwt"}), refusals.MALFORMED),
        (token(claims='{"sub":"a","sub":"b"}'), refusals.REPEATED),
        (token(claims='{"realm_access":{"roles":[],"roles":["operator"]}}'), refusals.REPEATED),
        (token(header='{"alg":"EdDSA","alg":"none","kid":"1"}'), refusals.REPEATED),
        (token(claims=nested(DEEPEST + 1)), refusals.NESTED),
        (token(claims="[" * 5000), refusals.NESTED),
        (token(header={"kid": "1"}), refusals.ALGORITHM),
        (token(header={"alg": ["EdDSA"], "kid": "1"}), refusals.ALGORITHM),
        (token(header={"alg": "EdDSA"}), refusals.UNKNOWN_KEY),
        (token(header={"alg": "EdDSA", "kid": 1}), refusals.UNKNOWN_KEY),
    ],
)
def test_what_is_not_plainly_a_token_is_refused(text: str, says: Text) -> None:
    assert refusal(text) == says


def test_bytes_that_are_no_text_are_refused() -> None:
    broken = urlsafe_b64encode(b'{"sub":"\xff"}').rstrip(b"=").decode()
    assert refusal(f"{part(HEADER)}.{broken}.c2ln") == refusals.MALFORMED


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "application/at+JWT"])
def test_an_access_token_may_call_itself_one(typ: str) -> None:
    assert read(token(header=HEADER | {"typ": typ})).key_id == "1"


def test_claims_as_deep_as_issuers_nest_them_are_read() -> None:
    said = json.loads(nested(DEEPEST))
    assert read(token(claims=said)).claims == said


@given(
    st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()))
)
def test_what_was_said_is_what_is_read(said: dict[str, Any]) -> None:
    found = read(token(claims=said))
    assert (found.claims, found.algorithm, found.signature) == (said, "EdDSA", b"sig")
    assert found.signed.decode() == f"{part(HEADER)}.{part(said)}"


@given(st.text(alphabet="abcXYZ019-_.", max_size=60) | st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    found: object = None
    try:
        read(text)
    except Refused as refused:
        found = refused.says
    assert found is None or found in vars(refusals).values(), "fixed words, so nothing of the token"
