"""Links: whatever is changed is found, and told where. Without a server."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scoring_worker.ledger.domain import FORMAT, Damage, canonical, hash_of_words, sealed, verify

Words = dict[str, str]


def said(step: str, unit: str, details: Words) -> dict[str, Any]:
    """That something was written of 1.1 after the publication."""
    return {"season": "DC-1", "unit": unit, "criterion": "1.1", "step": step, "sha256": hash_of_words(details)}


def link(number: int, previous: str | None, units: int = 3, owner: str | None = None) -> dict[str, Any]:
    """A link of so many units with two criteria each; of 1.1 there were two self-scores."""
    texts = [{"step": "self_score", "sha256": hash_of_words({"calculation": each})} for each in ("5 × 2", "5 × 1")]
    return sealed(
        {
            "format": FORMAT,
            "chain": {"owner": owner, "set": "SMALL"},
            "number": number,
            "previous": previous,
            "title": "Đợt 1",
            "season": {"code": "DC-1"},
            "later": [said("objection", "so-0", {"reason": "chưa đúng"})] if number > 1 else [],
            "units": [
                {
                    "unit": f"so-{place}",
                    "total": f"{place}.5",
                    "criteria": [
                        {"criterion": code, "points": f"{place}", "texts": texts if code == "1.1" else []}
                        for code in ("1.1", "1.2")
                    ],
                }
                for place in range(units)
            ],
        }
    )


FIRST = link(1, None)
SECOND = link(2, FIRST["sha256"])
FILES = [("1.json", canonical(FIRST)), ("2.json", canonical(SECOND))]


def damages(*files: tuple[str, bytes]) -> list[Damage]:
    return verify(files)[1]


def test_what_was_published_agrees_in_any_order_and_alone() -> None:
    assert damages(*FILES) == damages(*reversed(FILES)) == damages(FILES[1]) == []
    assert [each.number for each in verify(reversed(FILES))[0]] == [1, 2]


@given(st.integers(0, len(FILES[0][1]) - 1), st.integers(0, 255))
def test_one_changed_byte_is_found(place: int, byte: int) -> None:
    content = FILES[0][1]
    changed = content[:place] + bytes([byte]) + content[place + 1 :]
    assert bool(damages(("1.json", changed))) == (changed != content)


@given(st.integers(0, len(FILES[0][1])), st.binary(max_size=3))
def test_what_is_put_in_is_found(place: int, more: bytes) -> None:
    content = FILES[0][1]
    assert bool(damages(("1.json", content[:place] + more + content[place:]))) == bool(more)


@given(st.binary(max_size=200))
def test_no_file_brings_it_down(content: bytes) -> None:
    assert damages(("x", content))


def _places(found: list[Damage]) -> list[tuple[str | None, str | None]]:
    return [(each.unit, each.criterion) for each in found]


def test_it_is_told_where() -> None:
    row = FILES[0][1].replace(b'{"criterion":"1.2","points":"1"', b'{"criterion":"1.2","points":"9"')
    assert _places(damages(("1.json", row))) == [("so-1", "1.2")]
    total = FILES[0][1].replace(b'"total":"1.5"', b'"total":"9.5"')
    assert _places(damages(("1.json", total))) == [("so-1", None)]
    heading = FILES[0][1].replace("Đợt 1".encode(), "Đợt 2".encode())
    assert _places(damages(("1.json", heading))) == [(None, None)]


def test_who_makes_every_hash_anew_is_found_by_the_next_link() -> None:
    forged = link(1, None, units=2)
    found = damages(("1.json", canonical(forged)), FILES[1])
    assert [each.file for each in found] == ["2.json"]
    assert "1.json" in found[0].words.en


def test_chains_are_told_apart_and_numbers_are_used_once() -> None:
    others = ("x.json", canonical(link(1, None, owner="xa-a")))
    assert damages(*FILES, others) == []
    assert [each.file for each in damages(*FILES, ("copy.json", FILES[0][1]))]
    assert damages(("1.json", canonical(link(1, "0" * 64))))


def test_other_forms_and_inexact_numbers_are_refused() -> None:
    assert damages(("x", canonical(sealed({**FIRST, "format": "other/1"}))))
    assert damages(("x", FILES[0][1].replace(b'"number":1', b'"number":1.0')))


SELF = [("self_score", {"calculation": "5 × 2"}), ("self_score", {"calculation": "5 × 1"})]
OBJECTION = ("objection", {"reason": "chưa đúng"})


def entered(*made: tuple[str, Words], season: str = "DC-1", name: str = "so-0.json") -> tuple[str, bytes]:
    """What was entered of 1.1 of so-0, as the API lists it."""
    items = [{"criterion": "1.1", "step": step, "points": 1.0, "details": details} for step, details in made]
    return name, json.dumps({"season": season, "unit": "so-0", "items": items, "next_cursor": None}).encode()


def test_words_are_those_of_when_they_were_published() -> None:
    for file in (entered(*SELF), entered(*reversed(SELF)), entered(*SELF, OBJECTION)):
        assert damages(FILES[0], file) == [], "an objection comes later, so it may be there"
    assert damages(*FILES, entered(*SELF, OBJECTION)) == []
    assert damages(*FILES, entered(SELF[0], name="1"), entered(SELF[1], OBJECTION, name="2")) == [], "two pages"


@given(st.text(), st.sampled_from(range(3)))
def test_changed_words_are_found_and_told_where(words: str, which: int) -> None:
    made = [*SELF, OBJECTION]
    step, details = made[which]
    name = next(iter(details))
    made[which] = step, {name: words}
    found = damages(*FILES, entered(*made))
    assert bool(found) == (words != details[name])
    assert all((each.unit, each.criterion) == ("so-0", "1.1") and step in each.words.en for each in found)


def test_words_that_are_missing_or_were_put_in_are_found() -> None:
    more = ("explanation", {"text": "thêm vào sau"})
    for made in ([], SELF[:1], [*SELF, OBJECTION, more], [*SELF, SELF[0], more, OBJECTION], SELF):
        assert _places(damages(*FILES, entered(*made))) == [("so-0", "1.1")] * len(damages(*FILES, entered(*made)))
        assert damages(*FILES, entered(*made))
    assert [each.unit for each in damages(*FILES, entered(*SELF, season="DC-2"))] == ["so-0"]


@given(st.recursive(st.none() | st.booleans() | st.text() | st.floats(), lambda inner: st.lists(inner)))
def test_no_list_brings_it_down(content: object) -> None:
    for page in ({"season": "DC-1", "unit": "so-0", "items": content}, content):
        assert damages(*FILES, ("x", json.dumps(page).encode()))
