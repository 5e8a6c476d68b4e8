"""The acknowledgement of a report, as it is sent and as it is stored under the idempotency key."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self

import msgspec

from cchc_shared.http.etag import etag
from cchc_shared.http.language import language_of
from cchc_shared.storage.idempotency import Reply
from feedback_api.intake.notices import WORDS, Notice
from feedback_api.intake.schemas import Acknowledgement, Receipt, WarningOut

NAMES: Final = tuple(field.name for field in fields(Acknowledgement) if field.name != "warnings")
"""What an acknowledgement says of a report."""
_values = attrgetter(*NAMES)


class Answer(NamedTuple):
    """An acknowledgement with its status: 201 for a new report, 200 for one that was sent before.

    It holds no tracking secret and its warnings no words, so that it can be stored and said in any language.
    """

    status: int
    acknowledgement: Acknowledgement

    @classmethod
    def about(cls, status: int, report: Any, notices: Sequence[Notice] = ()) -> Self:
        """The answer about a report, or about a row with the columns of one."""
        said = dict(zip(NAMES, _values(report), strict=True))
        warnings = [WarningOut(each.field, each.code) for each in notices]
        return cls(status, Acknowledgement(**said, warnings=warnings))

    @classmethod
    def restored(cls, reply: Reply) -> Self:
        """The answer that was stored as this reply."""
        return cls(reply.status, msgspec.json.decode(reply.body, type=Acknowledgement))

    def stored(self) -> Reply:
        """As it is stored."""
        return self._reply(self.acknowledgement)

    def reply(self, secret: str | None, accept_language: str | None) -> Reply:
        """As it is sent; for a new report with the secret by which its sender may read it."""
        said = {name: getattr(self.acknowledgement, name) for name in NAMES}
        warnings = warned(self.acknowledgement.warnings, accept_language)
        if secret is None:
            return self._reply(Acknowledgement(**said, warnings=warnings))
        return self._reply(Receipt(**said, warnings=warnings, tracking_secret=secret))

    def _reply(self, said: Acknowledgement) -> Reply:
        headers = {"Location": f"/v1/feedback/{said.code}", "ETag": etag(said.version)}
        return Reply(self.status, msgspec.json.encode(said), headers)


def warned(warnings: Sequence[WarningOut], accept_language: str | None) -> list[WarningOut]:
    """The warnings with their words, in the caller's language."""
    if not warnings:
        return []
    vietnamese = language_of(accept_language) == "vi"
    return [
        WarningOut(each.field, each.code, WORDS[each.code].vi if vietnamese else WORDS[each.code].en)
        for each in warnings
    ]
