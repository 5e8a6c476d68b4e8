"""The city's rules for callers, from a document of its profile (`caller_rules.yaml`). Pure."""

import re
from datetime import date
from typing import Annotated, Final, Literal, get_args

import msgspec

from cchc_shared.contract.provenance import Text, Versioned

VERSION: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){0,3}")
_NAME: Final = r"^[a-z0-9][a-z0-9-]{0,63}$"
_POSITIVE: Final = msgspec.Meta(gt=0)
_AN_HOUR: Final = msgspec.Meta(gt=0, le=3600)
_OPERATION: Final = msgspec.Meta(pattern="^(POST|PUT|PATCH|DELETE) /[^ ]+$")
_LINK: Final = msgspec.Meta(pattern="^https://[^ ]+$")


Kind = Literal["address", "person", "system"]
"""What a caller is known as: an address (a /64 of IPv6) without a token that was proven, a person, or software with the
role `system`."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Class = Literal["reading", "writing", "intake"]
"""What a request costs; `intake` are the operations that take in reports, as the document names them."""
CLASSES: Final[tuple[Class, ...]] = get_args(Class)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many requests in so many seconds; what was asked comes back steadily."""

    quota: Annotated[int, _POSITIVE]
    seconds: Annotated[int, _AN_HOUR]


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one kind of caller may ask, by class."""

    reading: Policy
    writing: Policy
    intake: Policy

    def of(self, which: Class) -> Policy:
        """The policy of one class."""
        found: Policy = getattr(self, which)
        return found


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What each kind of caller may ask. `wrong_tokens`: tokens of one address that prove wrong, before its further ones
    are no longer looked at; such requests count as the address's own."""

    address: Policies
    person: Policies
    system: Policies
    wrong_tokens: Policy

    def of(self, kind: Kind) -> Policies:
        """The policies of one kind of caller."""
        found: Policies = getattr(self, kind)
        return found


class Retired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An app whose versions below this one are answered no more. `link` leads people to a newer one."""

    client: Annotated[str, msgspec.Meta(pattern=_NAME)]
    below: Annotated[str, msgspec.Meta(pattern=f"^(?:{VERSION.pattern})$")]
    link: Annotated[str, _LINK]
    since: date
    why: Text


class CallerRules(Versioned, frozen=True):
    """The document. `intake` are operations as `POST /v1/feedback`, with their whole path."""

    intake: frozenset[Annotated[str, _OPERATION]]
    limits: Limits
    retired_clients: tuple[Retired, ...] = ()

    def classify(self, method: str, path: str) -> Class:
        """The class of a request."""
        if method in _READING:
            return "reading"
        return "intake" if f"{method} {path}" in self.intake else "writing"


_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def older(version: str, than: str) -> bool:
    """Whether a version comes before another: their numbers one by one, where a missing one is zero."""
    one, two = ([int(number) for number in each.split(".")] for each in (version, than))
    width = max(len(one), len(two))
    return one + [0] * (width - len(one)) < two + [0] * (width - len(two))
