"""A fingerprint tells which fields of two reports differ, and nothing to who has not the key."""

from hypothesis import given
from hypothesis import strategies as st

from feedback_api.reports.fingerprint import FIELDS, Fingerprints, differing

KEY, FORMER, ID = bytes(range(32)), bytes(32), ("hotline", "", "7")
VALUES = st.lists(st.none() | st.text(max_size=5), min_size=len(FIELDS), max_size=len(FIELDS))
KEYS = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3, unique=True)


@given(VALUES, VALUES, KEYS, st.data())
def test_the_fields_that_differ_are_named_under_any_key_that_is_known(
    first: list[str | None], second: list[str | None], keys: list[bytes], data: st.DataObject
) -> None:
    (kept,) = Fingerprints([data.draw(st.sampled_from(keys))]).of(ID, *first)
    differ = [name for name, one, other in zip(FIELDS, first, second, strict=True) if one != other]
    assert differing(kept, Fingerprints(keys).of(ID, *second)) == differ


@given(VALUES)
def test_another_key_or_another_id_has_nothing_in_common(values: list[str | None]) -> None:
    (mine,) = Fingerprints([KEY]).of(ID, *values)
    assert differing(mine, Fingerprints([KEY]).of(("hotline", "", "8"), *values)) == list(FIELDS)
    (under_another,) = Fingerprints([FORMER]).of(ID, *values)
    assert not {mine[at : at + 8] for at in range(0, len(mine), 8)} & {
        under_another[at : at + 8] for at in range(0, len(under_another), 8)
    }
    assert differing(mine, [under_another]) == [], "what was taken under a key that is gone cannot be compared"


def test_the_first_key_makes_the_one_to_keep() -> None:
    both = Fingerprints([KEY, FORMER]).of(ID, *FIELDS)
    assert both == (*Fingerprints([KEY]).of(ID, *FIELDS), *Fingerprints([FORMER]).of(ID, *FIELDS))


def test_one_of_before_differs_in_nothing_and_a_field_that_came_later_is_not_compared() -> None:
    (mine,) = Fingerprints([KEY]).of(ID, *FIELDS)
    assert differing(None, [mine]) == differing(mine, []) == []
    assert differing(mine[:-8], [mine]) == []
    shorter = Fingerprints([KEY]).of(ID, "other", *FIELDS[1:-1])
    assert differing(mine, shorter) == ["kind"]


def test_what_is_kept_is_read_for_ever() -> None:
    """Fingerprints are compared with those of years ago: how they are made must not change."""
    (taken,) = Fingerprints([KEY]).of(ID, "on_site", None)
    assert taken.hex() == "7ab86e8ac92d3f8b24645447b160f1171934e4f8bcfc030b"
