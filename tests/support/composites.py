"""Index sets that read others, made for tests."""

from collections.abc import Mapping
from typing import Any


def name() -> dict[str, str]:
    """A name, of which nobody else holds this one: YAML would write what is held twice as a reference."""
    return {"vi": "Tên", "en": "Name"}


def composite(code: str, reads: Mapping[str, tuple[str, str | None, int]], **more: object) -> dict[str, Any]:
    """A set with one field for each set that it reads: by the field's code that set, its field, and the points."""
    indicators: dict[str, Any] = {}
    for number, (read, field, _) in reads.items():
        indicators[f"r{number}"] = {"name": name(), "source": "set", "set": read}
        if field is not None:
            indicators[f"r{number}"]["field"] = field
    fields = [
        {
            "code": number,
            "name": name(),
            "criteria": [
                {
                    "code": f"{number}.1",
                    "name": name(),
                    "max": points,
                    "indicator": f"r{number}",
                    "rule": {"kind": "linear"},
                }
            ],
        }
        for number, (_, _, points) in reads.items()
    ]
    return plain_set(code, indicators=indicators, fields=fields, **more)


def plain_set(code: str, **more: object) -> dict[str, Any]:
    """What every set says, with what is given."""
    said: dict[str, Any] = {
        "code": code,
        "version": "1",
        "title": name(),
        "source": "tests",
        "status": "R",
        "effective_from": "2023-01-01",
        "places": 2,
        "ranking": "1-2-2-4",
        "missing": "exclude",
        "kinds": ["department", "commune"],
        "bands": [],
        "indicators": {"x": {"name": name(), "source": "imported", "of": "share"}},
        "fields": [
            {
                "code": "1",
                "name": name(),
                "criteria": [{"code": "1.1", "name": name(), "max": 10, "indicator": "x", "rule": {"kind": "linear"}}],
            }
        ],
    }
    return said | more
