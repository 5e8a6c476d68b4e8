"""Both forms of a document say the same, whatever words stand in it; keys and tokens are what they seem."""

import hashlib
import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from cchc_shared.http.problems import Problem
from feedback_api.open311.access import ApiKeys, Seals
from feedback_api.open311.formats import ITEMS, written, xml
from feedback_api.settings import ApiKey, FeedbackSettings

from ..conftest import CONTACT_KEY
from . import oracle

KEY, NEXT = bytes(range(32)), bytes(32)
words = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: text.replace("\r", ""))
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
items = st.dictionaries(st.sampled_from(["code", "description", "lat"]), leaves, min_size=1)
documents = st.dictionaries(st.sampled_from(["keywords", "group"]), leaves, min_size=1).flatmap(
    lambda fields: st.lists(items).map(lambda listed: {**fields, "attributes": listed})
)


def unwritable(character: str) -> bool:
    """XML 1.0, 2.2: what is no Char."""
    code = ord(character)
    return (code < 0x20 and character not in "\t\n\r") or code in (0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF


def writable(value: JsonValue) -> JsonValue:
    """The value with a mark for each character that XML has no way to write."""
    match value:
        case dict():
            return {name: writable(each) for name, each in value.items()}
        case list():
            return [writable(each) for each in value]
        case str():
            return "".join("\ufffd" if unwritable(each) else each for each in value)
    return value


@given(documents)
def test_xml_and_json_say_the_same(document: dict[str, JsonValue]) -> None:
    in_json = json.loads(bytes(written("json", "service_definition", document, language="vi").body))
    in_xml = oracle.spark(ET.fromstring(xml("service_definition", document)))  # noqa: S314 - our own
    assert in_json == document
    assert in_xml == oracle.as_text(writable(document))


def test_every_container_is_one_of_the_specification() -> None:
    assert ITEMS == oracle.CONTAINERS


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_a_token_finds_its_request_alone(code: str) -> None:
    tokens = Seals([KEY])
    token = tokens.token(code)
    assert tokens.code(token) == code
    with pytest.raises(Problem):
        Seals([NEXT]).code(token)
    assert Seals([NEXT, KEY]).code(token) == code  # given before the key was changed
    assert Seals([NEXT, KEY]).token(code) == Seals([NEXT]).token(code)


@given(st.text(max_size=100))
def test_what_is_no_token_of_ours_is_404(token: str) -> None:
    with pytest.raises(Problem) as refused:
        Seals([KEY]).code(token)
    assert refused.value.status == 404


def test_a_changed_token_is_404() -> None:
    tokens = Seals([KEY])
    token = tokens.token("PA-26-000001")
    for place in range(len(token) - 1):  # the last one holds bits that mean nothing
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Problem):
            tokens.code(changed)


def test_a_digest_needs_the_key() -> None:
    assert Seals([KEY]).digests(b"form") == Seals([KEY]).digests(b"form")
    assert Seals([NEXT, KEY]).digests(b"form") == [*Seals([NEXT]).digests(b"form"), *Seals([KEY]).digests(b"form")]
    assert Seals([NEXT]).digests(b"form") != Seals([KEY]).digests(b"form")


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def test_a_key_names_its_sender() -> None:
    keys = ApiKeys([ApiKey("one", bytes.fromhex(digest("a")), test=False), ApiKey("two", b"x", test=False)])
    assert keys.sender("a") == "one"
    for wrong in ("b", "", None, digest("a")):
        with pytest.raises(Problem) as refused:
            keys.sender(wrong)
        assert refused.value.status == 403


def settings(environment: str, keys: str) -> FeedbackSettings:
    given = {"CCHC_PROFILE": ".", "CCHC_CONTACT_KEY": CONTACT_KEY, "environment": environment, "open311_keys": keys}
    return FeedbackSettings.model_validate({"database_url": "postgresql://x/x", "jwks_url": "file:///x", **given})


def test_keys_are_read_from_one_line() -> None:
    read = settings("embedded", f"one:{digest('a')}, two:{digest('b')}:test").open311_keys
    assert read == (
        ApiKey("one", bytes.fromhex(digest("a")), test=False),
        ApiKey("two", bytes.fromhex(digest("b")), test=True),
    )
    assert settings("production", "").open311_keys == ()


@pytest.mark.parametrize(
    ("environment", "keys"),
    [
        ("production", f"one:{digest('a')}:test"),
        ("embedded", "one:secret"),
        ("embedded", f"one:{digest('a')},one:{digest('b')}"),
        ("embedded", f"Tên:{digest('a')}"),
    ],
)
def test_keys_that_cannot_work_stop_the_process(environment: str, keys: str) -> None:
    with pytest.raises(ValidationError, match=r"key"):
        settings(environment, keys)
