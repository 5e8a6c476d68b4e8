"""Reads phone numbers, e-mail addresses and coordinates as people write them. What cannot be read is never refused.

Each function gives the normal form, or None for what nobody can read; its caller keeps the sender's own words then.
"""

import math
import re
import unicodedata
from typing import Final, NamedTuple, Self

import msgspec
import phonenumbers

_NATIONAL_PREFIX: Final = "0"
_EMAIL: Final = re.compile(r"[^@\s<>:;,\x00]+@[^@\s<>:;,\x00]+\.[^@\s<>:;,\x00.]+")
_AROUND_EMAIL: Final = " <>.,;:\"'()"
_DEGREES: Final = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]*)?")
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


class PhoneNumbers:
    """Reads phone numbers as one dials them in a country, by the plan that the library knows of it."""

    def __init__(self, region: str) -> None:
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
        if metadata is None:
            raise ValueError(f"no country {region} is known")
        self._region = region
        self._international = f"+{metadata.country_code}"
        # The usual way to write a number, read in a fiftieth of the time; other ways are for the library.
        plain = metadata.national_prefix == metadata.national_prefix_for_parsing == _NATIONAL_PREFIX
        described = metadata.general_desc
        self._plain_lengths = {1 + length for length in described.possible_length} if plain and described else set()

    def read(self, text: str) -> str | None:
        """The number in E.164 (`+84912345678`); None where it is none, or has words beside it that would be lost."""
        if len(text) in self._plain_lengths and text[0] == "0" != text[1] and text.isascii() and text.isdigit():
            return self._international + text[1:]
        if any(character.isalpha() for character in text):
            return None
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number) or number.extension:
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_email(text: str) -> str | None:
    """The address without blanks, brackets and the dot of the sentence it stood in; None where it is none."""
    if _EMAIL.fullmatch(text) and text.isascii() and text[0] not in _AROUND_EMAIL:
        return text
    folded = unicodedata.normalize("NFKC", text).removeprefix("mailto:").strip(_AROUND_EMAIL)
    joined = "".join(folded.split())
    return joined if _EMAIL.fullmatch(joined) else None


class Coordinates(NamedTuple):
    """A place in degrees of WGS 84."""

    lat: float
    lon: float


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The country between its outermost points, in degrees of WGS 84."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the place lies in it."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


class Placed(NamedTuple):
    """Coordinates as they were meant."""

    coordinates: Coordinates
    swapped: bool

    @classmethod
    def read(cls, lat: float | str | None, lon: float | str | None, country: Box) -> Self | None:
        """Swapped ones are put right where only so they lie in the country. None for what is no place on earth."""
        north, east = _degrees(lat), _degrees(lon)
        if north is None or east is None:
            return None
        if not country.holds(north, east) and country.holds(east, north):
            return cls(Coordinates(east, north), swapped=True)
        return cls(Coordinates(north, east), swapped=False) if abs(north) <= 90 and abs(east) <= 180 else None


def _degrees(given: float | str | None) -> float | None:
    if not isinstance(given, str):
        return given if given is None or math.isfinite(given) else None
    written = unicodedata.normalize("NFKC", given.translate(_DASHES)).strip(" \u00b0").replace(",", ".")
    return float(written) if _DEGREES.fullmatch(written) else None
