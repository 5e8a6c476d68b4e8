"""Links of a chain: documents that carry the hashes of their parts and of the link before. Pure.

A hash is SHA-256 of the canonical JSON of a thing without its own `sha256`, in which the things below it are replaced
by their hashes: a criterion is hashed by itself, a unit over its criteria, a link over its units and the link before.
So a change is found where it was made, and whoever has the hash of the newest link has all of the chain.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cchc_shared.contract.provenance import Text

FORMAT: Final = "cchc-season-link/1"
"""The form of a link. A later form is another name, and is read beside this one."""
Json = dict[str, Any]
HASH: Final = "sha256"


class Damage(NamedTuple):
    """What does not agree: in which file, and as far as that can be told, in which unit and criterion."""

    file: str
    unit: str | None
    criterion: str | None
    words: Text

    @property
    def place(self) -> str:
        return " · ".join(filter(None, (self.file, self.unit, self.criterion)))


class Link(NamedTuple):
    """A link as it was read from a file: its chain is the unit that runs it (empty: the city) and the index set."""

    file: str
    chain: tuple[str, str]
    number: int
    previous: str | None
    sha256: str


def canonical(value: object) -> bytes:
    """JSON in one form: keys sorted, nothing between the tokens, UTF-8, numbers other than whole ones as texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sealed(link: Mapping[str, Any]) -> Json:
    """A link with every hash in its place."""
    units = []
    for unit in link["units"]:
        criteria = [{**row, HASH: _of(row)} for row in unit["criteria"]]
        whole = {**unit, "criteria": criteria}
        units.append({**whole, HASH: _of(whole, "criteria")})
    whole = {**link, "units": units}
    return {**whole, HASH: _of(whole, "units")}


def verify(files: Iterable[tuple[str, bytes]]) -> tuple[list[Link], list[Damage]]:
    """The links that could be read, by chain and number, and everything that does not agree in them."""
    links, damages = [], []
    for name, content in files:
        link, found = _read(name, content)
        damages += found
        if link is not None:
            links.append(link)
    links.sort(key=lambda link: (link.chain, link.number))
    damages += _between(links)
    return links, damages


def _read(name: str, content: bytes) -> tuple[Link | None, list[Damage]]:
    try:
        document = json.loads(content, parse_float=_no_float)
        found = [Damage(name, unit, criterion, words) for unit, criterion, words in _within(document)]
        chain = str(document["chain"]["owner"] or ""), str(document["chain"]["set"])
        link = Link(name, chain, int(document["number"]), document["previous"], str(document[HASH]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, [Damage(name, None, None, Text("không phải bản công bố đọc được", "is no link that can be read"))]
    if not found and canonical(document) != content:
        vi, en = (
            "cùng nội dung nhưng không đúng từng byte như đã công bố",
            "says the same, in other bytes than published",
        )
        found = [Damage(name, None, None, Text(vi, en))]
    return link, found


def _within(document: Json) -> Iterator[tuple[str | None, str | None, Text]]:
    """What was changed, told as near to the change as the hashes allow."""
    if document["format"] != FORMAT:
        yield None, None, Text(f"không theo dạng `{FORMAT}`", f"is not of the form {FORMAT}")
    inner = False
    for unit in document["units"]:
        changed = [row for row in unit["criteria"] if row[HASH] != _of(row)]
        for row in changed:
            yield str(unit["unit"]), str(row["criterion"]), Text("tiêu chí đã bị thay đổi", "the criterion was changed")
        if not changed and unit[HASH] != _of(unit, "criteria"):
            changed = [unit]
            yield str(unit["unit"]), None, Text("phần của đơn vị đã bị thay đổi", "the unit's part was changed")
        inner = inner or bool(changed)
    if not inner and document[HASH] != _of(document, "units"):
        yield None, None, Text("phần chung đã bị thay đổi", "the heading was changed")


def _between(links: Sequence[Link]) -> Iterator[Damage]:
    known = {(link.chain, link.number): link for link in links}
    if len(known) < len(links):
        for link in links:
            if known[link.chain, link.number] is not link:
                yield Damage(link.file, None, None, Text("trùng số với bản khác", "has the number of another link"))
    for link in links:
        before = known.get((link.chain, link.number - 1))
        if link.number == 1 and link.previous is not None:
            yield Damage(link.file, None, None, Text("bản đầu không nối vào bản nào", "the first link follows none"))
        elif before is not None and link.previous != before.sha256:
            vi, en = f"không nối vào {before.file}", f"does not follow {before.file}"
            yield Damage(link.file, None, None, Text(vi, en))


def _of(whole: Mapping[str, Any], below: str | None = None) -> str:
    hashed = {name: value for name, value in whole.items() if name != HASH}
    if below is not None:
        hashed[below] = [part[HASH] for part in whole[below]]
    return hashlib.sha256(canonical(hashed)).hexdigest()


def _no_float(number: str) -> float:
    raise ValueError(f"a number that is not exact: {number}")
