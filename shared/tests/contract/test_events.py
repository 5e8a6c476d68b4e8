"""Every event that was ever shipped can still be read, and says what it is."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from cchc_shared.contract.events import TYPES, MalformedEvent, UnknownEventType, decode, encode
from cchc_shared.contract.events.registry import TOPICS

GOLDEN = Path(__file__).parents[2] / "cchc_shared/contract/events/golden"
TYPE = re.compile(r"^vn\.hanoi\.cchc\.[a-z0-9_]+\.[a-z_]+\.v[1-9][0-9]*$")
SAMPLES = sorted(GOLDEN.glob("*.json"))


@pytest.mark.parametrize("name", TYPES)
def test_type_is_named_by_the_convention(name: str) -> None:
    data = TYPES[name]
    assert TYPE.match(name)
    assert name.split(".")[3] == data.AGGREGATE
    assert data.TOPIC in TOPICS


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_a_golden_sample(name: str) -> None:
    assert (GOLDEN / f"{name}.json").is_file()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_old_samples_still_read_and_keep_every_value(sample: Path) -> None:
    shipped = json.loads(sample.read_bytes())
    read_again = json.loads(encode(decode(sample.stem, sample.read_bytes())))
    assert {name: read_again[name] for name in shipped} == shipped


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_fields_that_a_newer_producer_adds_are_ignored(sample: Path) -> None:
    newer = json.loads(sample.read_bytes()) | {"added_later": {"any": "value"}}
    assert decode(sample.stem, json.dumps(newer)) == decode(sample.stem, sample.read_bytes())


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_missing_field_is_an_error_that_names_the_type(sample: Path) -> None:
    with pytest.raises(MalformedEvent, match=re.escape(sample.stem)):
        decode(sample.stem, b"{}")


@pytest.mark.parametrize("payload", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"code": 5}'])
def test_bytes_that_are_no_event_are_malformed(payload: bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode("vn.hanoi.cchc.task.assigned.v1", payload)


def test_an_unknown_type_is_not_passed_over() -> None:
    with pytest.raises(UnknownEventType):
        decode("vn.hanoi.cchc.task.forgotten.v1", b"{}")


PERSONAL = {"name", "phone", "email", "reporter", "content", "title", "answer", "address", "note"}


@pytest.mark.parametrize("name", TYPES)
def test_events_have_no_room_for_personal_data(name: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(TYPES[name])}
    # The name of a unit is an institution's, not a person's.
    assert not fields & (PERSONAL - ({"name"} if name == "vn.hanoi.cchc.unit.defined.v1" else set()))
