"""The acknowledgement of a report, as it is sent and as it is stored under the idempotency key."""

from dataclasses import fields
from operator import attrgetter
from typing import Any, Final, NamedTuple, Self

import msgspec

from cchc_shared.http.etag import etag
from cchc_shared.storage.idempotency import Reply
from feedback_api.intake.schemas import Acknowledgement, Receipt

NAMES: Final = tuple(field.name for field in fields(Acknowledgement))
_values = attrgetter(*NAMES)


class Answer(NamedTuple):
    """An acknowledgement with its status: 201 for a new report, 200 for one that was sent before.

    It holds no tracking secret, so that it can be stored.
    """

    status: int
    acknowledgement: Acknowledgement

    @classmethod
    def about(cls, status: int, report: Any) -> Self:
        """The answer about a report, or about a row with the columns of one."""
        return cls(status, Acknowledgement(*_values(report)))

    @classmethod
    def restored(cls, reply: Reply) -> Self:
        """The answer that was stored as this reply."""
        return cls(reply.status, msgspec.json.decode(reply.body, type=Acknowledgement))

    def reply(self) -> Reply:
        """As it is stored, and as it is sent for a report that was sent before."""
        return _reply(self.status, self.acknowledgement)

    def reply_with(self, secret: str) -> Reply:
        """As it is sent for a new report, which the sender may read with this secret."""
        values = (*_values(self.acknowledgement), secret)
        return _reply(self.status, Receipt(*values))


def _reply(status: int, acknowledgement: Acknowledgement) -> Reply:
    headers = {"Location": f"/v1/feedback/{acknowledgement.code}", "ETag": etag(acknowledgement.version)}
    return Reply(status, msgspec.json.encode(acknowledgement), headers)
