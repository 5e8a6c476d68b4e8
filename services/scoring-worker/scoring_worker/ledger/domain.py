"""Links of a chain: documents that carry the hashes of their parts and of the link before. Pure.

A hash is SHA-256 of the canonical JSON of a thing without its own `sha256`, in which the things below it are replaced
by their hashes: a criterion is hashed by itself, a unit over its criteria, a link over its units and the link before.
So a change is found where it was made, and whoever has the hash of the newest link has all of the chain.

Words that were entered are not published, only their hashes: beside each criterion those of before the publication
(`texts`), and in the heading of the next link of the chain those of afterwards (`later`).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from cchc_shared.contract.provenance import Text

FORMAT: Final = "cchc-season-link/1"
"""The form of a link. A later form is another name, and is read beside this one."""
Json = dict[str, Any]
HASH: Final = "sha256"
LATER: Final = frozenset({"objection", "ruling", "finding"})
"""Steps that come after a publication: a later link has the hashes of what was written in them."""


class Damage(NamedTuple):
    """What does not agree: in which file, and as far as that can be told, in which unit and criterion."""

    file: str
    unit: str | None
    criterion: str | None
    words: Text

    @property
    def place(self) -> str:
        return " · ".join(filter(None, (self.file, self.unit, self.criterion)))


class Said(NamedTuple):
    """That something was written of a criterion of a unit in a season, with the hash of the words."""

    season: str
    unit: str
    criterion: str
    step: str
    sha256: str


class Written(NamedTuple):
    """What was entered of a unit in a season, as it was read from a file."""

    file: str
    season: str
    unit: str
    said: frozenset[Said]


class Link(NamedTuple):
    """A link as it was read from a file: its chain is the unit that runs it (empty: the city) and the index set."""

    file: str
    chain: tuple[str, str]
    number: int
    previous: str | None
    sha256: str
    season: str
    said: frozenset[Said]


def canonical(value: object) -> bytes:
    """JSON in one form: keys sorted, nothing between the tokens, UTF-8, numbers other than whole ones as texts."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def hash_of_words(details: Mapping[str, Any]) -> str:
    """The hash of what somebody wrote: of its canonical JSON, so that the order of fields makes no difference."""
    return hashlib.sha256(canonical(dict(details))).hexdigest()


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
    """The links that could be read, by chain and number, and everything that does not agree in them, or in lists of
    what was entered (`GET …/entries`) that are among the files."""
    links: list[Link] = []
    written: list[Written] = []
    damages: list[Damage] = []
    for name, content in files:
        entered = _entered(name, content)
        if entered is not None:
            written.append(entered)
            continue
        link, found = _read(name, content)
        damages += found
        if link is not None:
            links.append(link)
    links.sort(key=lambda link: (link.chain, link.number))
    return links, [*damages, *_between(links), *_words(links, written)]


def _entered(name: str, content: bytes) -> Written | None:
    """A list of what was entered; None for a file that is none."""
    try:
        page = json.loads(content)
        season, unit = str(page["season"]), str(page["unit"])
        said = {
            Said(season, unit, str(each["criterion"]), str(each["step"]), hash_of_words(each["details"]))
            for each in page["items"]
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return Written(name, season, unit, frozenset(said))


def _read(name: str, content: bytes) -> tuple[Link | None, list[Damage]]:
    try:
        document = json.loads(content, parse_float=_no_float)
        found = [Damage(name, unit, criterion, words) for unit, criterion, words in _within(document)]
        chain = str(document["chain"]["owner"] or ""), str(document["chain"]["set"])
        season = str(document["season"]["code"])
        said = frozenset(_said(document, season))
        link = Link(name, chain, int(document["number"]), document["previous"], str(document[HASH]), season, said)
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


def _said(document: Json, season: str) -> Iterator[Said]:
    for unit in document["units"]:
        for row in unit["criteria"]:
            for each in row.get("texts", ()):
                yield Said(season, *map(str, (unit["unit"], row["criterion"], each["step"], each[HASH])))
    for each in document.get("later", ()):
        yield Said(*(str(each[name]) for name in Said._fields))


def _words(links: Sequence[Link], written: Sequence[Written]) -> Iterator[Damage]:
    """Where what was entered is not what it was when it was published. Pages of one list are taken together."""
    known = {link.season for link in links}
    published = _by_unit(each for link in links for each in link.said)
    entered = _by_unit(each for page in written for each in page.said)
    for (season, unit), file in {(page.season, page.unit): page.file for page in written}.items():
        if season not in known:
            vi, en = f"thiếu bản công bố của đợt {season}", f"comes without the link of {season}"
            yield Damage(file, unit, None, Text(vi, en))
            continue
        then, here = published[season, unit], entered[season, unit]
        changed = (then - here) | {each for each in here - then if each.step not in LATER}
        for criterion, step in sorted({(each.criterion, each.step) for each in changed}):
            vi, en = (
                f"lời nhập ở bước `{step}` không như lúc công bố",
                f"what was entered as {step} is not as published",
            )
            yield Damage(file, unit, criterion, Text(vi, en))


def _by_unit(said: Iterable[Said]) -> Mapping[tuple[str, str], set[Said]]:
    found: defaultdict[tuple[str, str], set[Said]] = defaultdict(set)
    for each in said:
        found[each.season, each.unit].add(each)
    return found


def _of(whole: Mapping[str, Any], below: str | None = None) -> str:
    hashed = {name: value for name, value in whole.items() if name != HASH}
    if below is not None:
        hashed[below] = [part[HASH] for part in whole[below]]
    return hashlib.sha256(canonical(hashed)).hexdigest()


def _no_float(number: str) -> float:
    raise ValueError(f"a number that is not exact: {number}")
