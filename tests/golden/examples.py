"""Answers of a running system as examples of the contract: valid, short, and the same at every writing."""

import re
from typing import Final

from pydantic import JsonValue

_FIXED: Final = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "2026-03-02T01:30:00Z"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "01930000-0000-7000-8000-000000000001"),
    (re.compile(r"[0-9a-f]{64}"), "ab" * 32),
    (re.compile(r"\bcchc_(live|test)_\w{12}_\w{49}"), "cchc_live_EXAMPLEkeyId_" + "0" * 49),
    (re.compile(r"\bcchc_(live|test)_\w{12}\Z"), "cchc_live_EXAMPLEkeyId"),
    (re.compile(r"\A(?=.*[0-9A-Z])[0-9A-Za-z]{12}\Z"), "EXAMPLEkeyId"),
    (re.compile(r"\bone-stop-[0-9a-f]{8}\b"), "one-stop-tour"),
    (re.compile(r"\bsecret=[\w-]+"), "secret=" + "Ab3-" * 10 + "AbC"),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://cchc.example"),
    (re.compile(r"\bPA-\d\d-\d+"), "PA-26-000123"),
    (re.compile(r"\bNV-\d+-\d+"), "NV-2026-000123"),
    (re.compile(r"\bKH-\d{4}-\d+"), "KH-2026-0001"),
    (re.compile(r"\A00\d\Z"), "016"),  # codes of districts look like numbers of internal papers
    (re.compile(r"\bKT-\d{4}-\d+"), "KT-2026-0001"),
)
_REPLACED: Final = {
    "token": "UEEtMjYtMDAwMTIzdGhpcy1pcy1hLXNlYWw",
    "tracking_secret": "dGhpcy1pcy1hLXNlY3JldA",
    "received_on": "2026-03-02",
    "next_cursor": "WyJleGFtcGxlIl0",
    "access_token": "header.payload.signature",
    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
}
LONGEST: Final = 1
"""Items of a list: one shows how all of them look."""


def example(value: JsonValue) -> JsonValue:
    """The answer without what differs from run to run."""
    match value:
        case dict():
            return {
                name: _REPLACED[name] if name in _REPLACED and each else example(each) for name, each in value.items()
            }
        case list():
            return [example(each) for each in value[:LONGEST]]
        case str():
            for pattern, fixed in _FIXED:
                value = pattern.sub(fixed, value)
    return value
