"""The services of Open311, by the city's rules: the categories of reports, with what Open311 says of each."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

import msgspec

from cchc_shared.contract.codes import FeedbackKind
from cchc_shared.contract.provenance import Provenance, Text
from cchc_shared.contract.rules import RuleBroken
from feedback_api.rulebook import CodeList, Part

Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
LISTS: Final = ("singlevaluelist", "multivaluelist")


class Attribute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that a service asks. `automated` is mySociety's: the client fills it in, and nobody is asked."""

    datatype: Datatype
    required: bool = False
    name: Text
    hint: Text | None = None
    values: Mapping[str, Text] = {}
    automated: Literal["server_set", "hidden_field"] | None = None

    def __post_init__(self) -> None:
        if (self.datatype in LISTS) != bool(self.values):
            raise ValueError(f"{self.name.en}: lists have values, and nothing else has")


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Open311 says of one category. With `batch`, clients get a token, and for it the id."""

    kind: FeedbackKind = FeedbackKind.ON_SITE
    type: Literal["realtime", "batch"] = "realtime"
    group: Text
    description: Text
    keywords: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = {}

    def check(self, given: Mapping[str, list[str]]) -> None:
        """Raise `RuleBroken` for the first attribute that is missing or has a value that it cannot have."""
        for code, attribute in self.attributes.items():
            values = given.get(code, [])
            field = f"attribute[{code}]"
            if not values and attribute.required:
                raise RuleBroken(field, "thiếu thuộc tính bắt buộc", "is required")
            if len(values) > 1 and attribute.datatype != "multivaluelist":
                raise RuleBroken(field, "chỉ nhận một giá trị", "takes one value only")
            for value in values:
                _check(field, attribute, value)


def _check(field: str, attribute: Attribute, value: str) -> None:
    match attribute.datatype:
        case "singlevaluelist" | "multivaluelist":
            if value not in attribute.values:
                listed = ", ".join(attribute.values)
                raise RuleBroken(field, f"phải là một trong: `{listed}`", f"must be one of: {listed}")
        case "number":
            try:
                if not Decimal(value).is_finite():
                    raise InvalidOperation
            except InvalidOperation as error:
                raise RuleBroken(field, "phải là số", "must be a number") from error
        case "datetime":
            try:
                if datetime.fromisoformat(value).tzinfo is None:
                    raise ValueError(value)
            except ValueError as error:
                raise RuleBroken(
                    field,
                    "phải là thời điểm có múi giờ, như 2026-11-18T09:00:00+07:00",
                    "must be an instant with its time zone, such as 2026-11-18T09:00:00+07:00",
                ) from error


class Open311(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The services by the codes of their categories. Reports of no listed category are shown under `fallback`."""

    source: str
    status: Provenance
    changeset: datetime
    contact: Text
    key_service: Text
    notice: Text
    fallback: str
    services: Mapping[str, Service]


class Open311Rules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that Open311 reads. Loading checks that each category is a service."""

    categories: CodeList
    open311: Open311

    def __post_init__(self) -> None:
        if different := self.categories.names.keys() ^ self.open311.services.keys():
            raise ValueError(f"categories and services differ: {', '.join(sorted(different))}")
        if self.open311.fallback not in self.open311.services:
            raise ValueError(f"fallback: {self.open311.fallback} is no service")
        if self.open311.changeset.tzinfo is None:
            raise ValueError("changeset: give its time zone")

    def name(self, code: str) -> Text:
        """What the service is called."""
        return self.categories.names[code]

    def service_of(self, category: str | None) -> str:
        """The service under which a report of that category is shown."""
        return category if category in self.open311.services and category is not None else self.open311.fallback
