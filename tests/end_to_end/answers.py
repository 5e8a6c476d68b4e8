"""Whether an answer is the one that a page prints; each run has codes, ids, secrets, tags and times of its own."""

import json
import re
from typing import Any

Json = Any
"""A value of JSON, of whichever kind."""

LEFT_OUT = "…"
_OF_A_RUN = {
    "a code": r"PA-[0-9]{2}-[0-9]{6}",
    "an id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "an instant": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z",
    "a day": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "a time of HTTP": r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT",
    "a tag": r'"[0-9a-f]{32}"',
}
"""What a run has of its own. What stands in the printed texts in these forms is compared by form."""
_FORM = re.compile("|".join(f"(?P<_{n}>{form})" for n, form in enumerate(_OF_A_RUN.values())))
_ONCE = re.compile(rf"{_OF_A_RUN['a code']}|{_OF_A_RUN['an id']}|{_OF_A_RUN['a tag']}|.*\.[0-9]{{6}}Z")
"""Of these the same one printed twice means the same one answered twice; days and due times may fall together."""
_BY_KIND = {"provisional", "next_cursor", "sha256", "tracking_secret"}
"""Members whose values are others on another day, or have no form: only their kind is compared."""


class Answers:
    """Answers of one run, as they come: what was printed for one thing must stand for the same thing later."""

    def __init__(self) -> None:
        self._meant: dict[str, str] = {}

    def differences(self, printed: str, given: str) -> list[str]:
        """Where an answer, as `curl -i` shows it, is not as printed; empty where it is.

        Of headers the printed ones count, and of the first line the status.
        """
        head, _, body = printed.strip().partition("\n\n")
        given_head, _, given_body = given.strip().partition("\n\n")
        (first, *headers), (given_first, *given_headers) = head.split("\n"), given_head.split("\n")
        found = self._texts("status", first.split(" ")[1], given_first.split(" ")[1])
        had = dict(line.split(": ", 1) for line in given_headers)
        for name, value in (line.split(": ", 1) for line in headers):
            found += self._texts(name, value, had.get(name, "")) if name in had else [f"{name}: is missing"]
        if bool(body) != bool(given_body):
            return [*found, f"body: {given_body or 'is missing'}"]
        return [*found, *self._values("body", json.loads(body), json.loads(given_body))] if body else found

    def _values(self, at: str, printed: Json, given: Json) -> list[str]:
        if type(printed) is not type(given):
            return [f"{at}: {given!r}, not {printed!r}"]
        if isinstance(printed, dict):
            return self._members(at, printed, given)
        if isinstance(printed, list):
            partly = printed[-1:] == [LEFT_OUT]
            items = printed[:-1] if partly else printed
            if len(given) < len(items) or (len(given) > len(items)) != partly:
                return [f"{at}: {len(given)} items"]
            pairs = enumerate(zip(items, given, strict=False))
            return [each for n, (item, its) in pairs for each in self._values(f"{at}.{n}", item, its)]
        if isinstance(printed, str):
            return self._texts(at, printed, given)
        return [] if printed == given else [f"{at}: {given!r}, not {printed!r}"]

    def _members(self, at: str, printed: dict[str, Any], given: dict[str, Any]) -> list[str]:
        names = printed.keys() - {LEFT_OUT}
        missing, more = names - given.keys(), given.keys() - names
        if missing or bool(more) != (LEFT_OUT in printed):
            return [f"{at}: lacks {sorted(missing)}, has {sorted(more)}"]
        return [
            each for name in printed if name in names for each in self._member(at, name, printed[name], given[name])
        ]

    def _member(self, at: str, name: str, printed: Json, given: Json) -> list[str]:
        if name not in _BY_KIND or type(printed) is not type(given):
            return self._values(f"{at}.{name}", printed, given)
        other = isinstance(printed, str) and self._other(printed, given)
        return [f"{at}.{name}: {given}, not what {printed} was"] if other else []

    def _texts(self, at: str, printed: str, given: str) -> list[str]:
        """Part by part: what is of a run by its form, everything else as it is."""
        if printed.endswith(LEFT_OUT):
            printed = printed.removesuffix(LEFT_OUT)
            given = given[: len(printed)]
        pattern, end = "", 0
        for part in _FORM.finditer(printed):
            form = list(_OF_A_RUN.values())[int(str(part.lastgroup)[1:])]
            pattern += re.escape(printed[end : part.start()]) + f"({form})"
            end = part.end()
        found = re.fullmatch(pattern + re.escape(printed[end:]), given)
        if found is None:
            return [f"{at}: {given!r}, not {printed!r}"]
        parts = zip(_FORM.finditer(printed), found.groups(), strict=True)
        same = [(part[0], meant) for part, meant in parts if _ONCE.fullmatch(part[0])]
        return [f"{at}: {meant}, not what {shown} was" for shown, meant in same if self._other(shown, meant)]

    def _other(self, shown: str, meant: str) -> bool:
        return self._meant.setdefault(shown, meant) != meant
