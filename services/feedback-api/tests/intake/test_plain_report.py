"""A report that is plainly written is read as the model reads it, and what the model refuses is not read."""

import json
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from cchc_shared.http.text import clean
from feedback_api.intake.schemas import (
    FeedbackIn,
    LocationIn,
    PlainLocation,
    PlainReport,
    PlainReporter,
    read_plain,
)
from feedback_api.reports.schemas import ReporterIn

from ..conftest import REPORT


def mostly(good: st.SearchStrategy[str], odd: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One in some sixteen is odd: a report with several odd values is refused by both, and shows nothing."""
    return st.integers(0, 15).flatmap(lambda chance: odd if chance == 7 else good)


def quoted(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from([json.dumps(text, ensure_ascii=True), json.dumps(text, ensure_ascii=False)])


CHARACTERS = (
    'aă Đ\u0301\u200b\u200d\ufeff\u00a0\u2003\u2028\u3000\x85\x1c\x1d\x1e\x1f\t\n\r\v\f\x7f\\"/@.+0🙂\U000e0001'
)
STRINGS = st.text(CHARACTERS, max_size=8).map("x{}".format).flatmap(quoted)
ESCAPED = (r'"\ud800"', r'"\udc00x"', r'"\ud83d\ude00"', r'"\u0000"', r'"\u001c a"', '"a\x00"', '"\x1f"', '"\t"')
LITERALS = ("null", "true", "false", "[]", "{}", '["x"]', "1", '""', '" "', "NaN", "Infinity")
ODD_VALUES = st.sampled_from([*ESCAPED, *LITERALS]) | st.text(CHARACTERS, max_size=3).flatmap(quoted)
EDGES = ("21", "-0", "0.0", "1e1", "1E+1", "9e-400", "-90", "90.0", "90.00000000000001", "21.02780000000000000001")
NO_EDGES = ("1e400", "1" * 400, "0x1", "01", "1.", ".5", "+1", "NaN", "-Infinity", "9007199254740993")
DEGREES = st.sampled_from([*EDGES, f"21.{'0' * 400}1", '"21,5"']) | st.floats(-90, 90).map(repr)
NUMBERS = mostly(DEGREES, st.sampled_from(NO_EDGES) | ODD_VALUES)
PHONES = st.sampled_from(
    ['"0912345678"', r'"0912345678\n"', '"+84 912 345 678"', r'"0912 345\u00a0678"', '" 0912345678"']
)
MAILS = st.sampled_from(['"a@b.vn"', r'"a@b.vn\n"', '"a b@c.vn"', r'"a\u00a0@b.vn"', r'"a\u001c@b.vn"', "7"])
INSTANTS = ("2026-01-15T09:00:00Z", "2026-01-15t09:00:00.5z", "2026-01-15T09:00:00.123456+07:00")
NO_INSTANTS = ("2026-01-15T24:00:00Z", "2026-01-15T09:00:60Z", "2026-01-15T09:00:00+24:00", "2026-01-15", "1705285800")
VALUES = {
    "channel": mostly(st.just('"web"'), ODD_VALUES),
    "channel_ref": mostly(STRINGS, ODD_VALUES),
    "kind": mostly(st.just('"on_site"'), ODD_VALUES),
    "category": mostly(STRINGS, ODD_VALUES),
    "severity": mostly(st.just('"urgent"'), ODD_VALUES),
    "title": mostly(STRINGS, ODD_VALUES),
    "content": mostly(st.text("aă \n\u00a0\x1c", min_size=1, max_size=6).flatmap(quoted), ODD_VALUES),
    "unit": mostly(STRINGS, ODD_VALUES),
    "attachments": mostly(st.just("[]"), ODD_VALUES),
    "received_at": mostly(st.sampled_from(INSTANTS), st.sampled_from(NO_INSTANTS)).map(json.dumps),
    "lat": NUMBERS,
    "lon": NUMBERS,
    "address": mostly(STRINGS, ODD_VALUES),
    "name": mostly(STRINGS, ODD_VALUES),
    "phone": mostly(st.just('"+84 (0)912-345.678"'), PHONES | ODD_VALUES),
    "email": mostly(st.just('"ă@b.vn"'), MAILS | ODD_VALUES),
    "account": mostly(STRINGS, ODD_VALUES),
    "anonymous": mostly(st.sampled_from(["true", "false"]), ODD_VALUES),
}
PARTS = {"location": ("lat", "lon", "address"), "reporter": ("name", "phone", "email", "account", "anonymous")}
REQUIRED = frozenset({"channel", "kind", "content"})
SPACES = mostly(st.sampled_from(["", " ", "\t\r\n"]), st.sampled_from(["\u00a0", "\ufeff", "\x1c", "\x00"]))


@st.composite
def objects(draw: st.DrawFn, names: list[str]) -> str:
    """The text of a JSON object: fields are left out, come in any order, and now and then twice or under odd names."""
    present = [name for name in names if draw(st.integers(0, 31 if name in REQUIRED else 2)) != 1]
    if draw(st.integers(0, 3)) == 1:
        present += draw(st.lists(st.sampled_from(names), max_size=2))
    if draw(st.integers(0, 31)) == 7:
        present.append(draw(st.sampled_from(["surprise", "Channel", ""])))
    pairs = []
    for name in draw(st.permutations(present)):
        value = draw(objects(list(PARTS[name])) if name in PARTS else VALUES.get(name, ODD_VALUES))
        pairs.append(f"{draw(quoted(name))}: {value}")
    return "{" + ", ".join(pairs) + "}"


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    """The body of a request; most are reports, or nearly."""
    text = draw(objects(list(FeedbackIn.model_fields)))
    if draw(st.integers(0, 7)) == 3:
        text = f"{draw(SPACES)}{text}{draw(SPACES)}"
    encoding = draw(mostly(st.just("utf-8"), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"])))
    return text.encode(encoding, "surrogatepass")


def _read_by_route(body: bytes) -> FeedbackIn | None:
    """As FastAPI reads it: the standard library's JSON, then the model."""
    try:
        return FeedbackIn.model_validate(json.loads(body), from_attributes=True)
    except (ValueError, RecursionError):
        return None


def _values(report: FeedbackIn | PlainReport) -> str:
    """Every value with its type; fields that only the model has must be as if they had not been sent."""
    given = report.model_dump() if isinstance(report, FeedbackIn) else _fields(report)
    given.pop("given_at", None)
    received_at = report.received_at
    given["received_at"] = received_at and (received_at.isoformat(), received_at.utcoffset())
    assert given.pop("attachments", []) == []
    return repr({name: _in_order(given[name]) for name in sorted(given)})


def _fields(plain: msgspec.Struct) -> dict[str, Any]:
    return {
        name: _fields(value) if isinstance(value, msgspec.Struct) else value
        for name, value in msgspec.structs.asdict(plain).items()
    }


def _in_order(value: object) -> object:
    return dict(sorted(value.items())) if isinstance(value, dict) else value


def test_the_plain_report_knows_every_field_but_the_rare_ones() -> None:
    assert set(FeedbackIn.model_fields) - set(PlainReport.__struct_encode_fields__) == {"attachments"}
    assert set(LocationIn.model_fields) == set(PlainLocation.__struct_fields__)
    assert set(ReporterIn.model_fields) == set(PlainReporter.__struct_fields__)


@given(reports())
@example(b'{"channel":"web","kind":"on_site","content":"a","content":"b"}')
@example(b'{"channel":"fax","channel":"web","kind":"on_site","content":"b"}')
@example(b'{"channel":"web","channel":"fax","kind":"on_site","content":"b"}')
@example(
    b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":1,"lat":2,"lon":3},"location":{"lat":9,"lon":3}}'
)
@example(b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":1,"lon":3},"location":null}')
@example(b'{"channel":"web","kind":"on_site","content":"b","surprise":1}')
@example(b'{"channel":"web","kind":"on_site","content":"\x1ca\x1f"}')
@example(b'{"channel":"web","kind":"on_site","content":"\\u001ca\\u001f"}')
@example(b'{"channel":"web","kind":"on_site","content":"\\u0085a\\u00a0"}')
@example(b'{"channel":"web","kind":"on_site","content":"\xed\xa0\x80"}')
@example(b'{"channel":"web","kind":"on_site","content":"b","location":{"lat":true,"lon":3}}')
@example(b"[" * 100_000)
def test_the_fast_path_accepts_nothing_that_the_route_refuses_and_reads_the_rest_alike(body: bytes) -> None:
    fast = read_plain(body)
    if fast is None:
        return  # the route decides
    route = _read_by_route(body)
    assert route is not None
    assert _values(fast) == _values(route)


@given(st.text(max_size=30), st.floats(-90, 90), st.booleans())
def test_ordinary_reports_are_read_at_once(text: str, lat: float, ascii_only: bool) -> None:
    text = clean(text.replace("\0", "")).strip()
    report = {**REPORT, "content": f" x{text}\n ", "title": text, "location": {"lat": lat, "lon": 105}}
    body = json.dumps(report, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    if (read := _read_by_route(body)) is not None:
        fast = read_plain(body)
        assert fast is not None
        assert _values(fast) == _values(read)
