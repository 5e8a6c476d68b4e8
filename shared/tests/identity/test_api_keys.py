"""A key is known by its form, and one changed character makes it none."""

import string

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.identity.api_keys import DIGITS, KeyKind, new_key, read_key

KINDS = st.sampled_from(KeyKind)


@given(KINDS)
def test_what_is_made_is_read(kind: KeyKind) -> None:
    made = new_key(kind)
    assert read_key(made.text) == made
    assert made.text.startswith(f"{made.prefix}_")
    assert made.text.removeprefix(made.prefix) not in made.prefix


@given(KINDS, st.data())
def test_any_one_character_that_is_another_makes_it_none(kind: KeyKind, data: st.DataObject) -> None:
    text = new_key(kind).text
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([each for each in string.printable + "éộ" if each != text[at]]))
    assert read_key(text[:at] + other + text[at + 1 :]) is None


@given(KINDS, st.data())
def test_characters_that_are_left_out_doubled_or_swapped_make_it_none(kind: KeyKind, data: st.DataObject) -> None:
    text = new_key(kind).text
    at = data.draw(st.integers(0, len(text) - 2))
    swapped = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    for changed in (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:], f"{text}\n", f" {text}"):
        assert read_key(changed) is None
    assert text[at] == text[at + 1] or read_key(swapped) is None


@given(st.text(max_size=200))
def test_no_words_are_a_key(text: str) -> None:
    assert read_key(text) is None


def test_no_two_keys_are_alike_and_none_is_its_digest() -> None:
    made = [new_key(KeyKind.LIVE) for _ in range(200)]
    assert len({each.text for each in made}) == len({each.id for each in made}) == len({each.digest for each in made})
    assert len(set(DIGITS)) == 62
    assert all(len(each.digest) == 32 and each.digest not in each.text.encode() for each in made)
