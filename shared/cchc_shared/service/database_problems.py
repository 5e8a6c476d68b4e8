"""What an error of the database means to a caller over HTTP."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog import get_logger

from cchc_shared.http.problems import Explain, Problem, overloaded
from cchc_shared.storage.database import is_unavailable
from cchc_shared.storage.group_commit import Overloaded
from cchc_shared.storage.idempotency import KeyReused

log = get_logger()


def _unavailable(error: Exception) -> Problem | None:
    if not is_unavailable(error):
        return None
    log.warning("database unavailable", error=type(error).__name__)
    return Problem(
        503,
        "database-unavailable",
        vi="Cơ sở dữ liệu tạm thời không sẵn sàng, hãy thử lại sau.",
        en="The database is unavailable for the moment; try again later.",
        headers={"Retry-After": "2"},
    )


def _key_reused(_: Exception) -> Problem:
    return Problem(
        422,
        "idempotency-key-reused",
        vi="Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
        en="This Idempotency-Key was used for another request.",
    )


EXPLANATIONS: Final[Mapping[type[Exception], Explain]] = {
    Overloaded: lambda _: overloaded(),
    PoolTimeout: lambda _: overloaded(),
    KeyReused: _key_reused,
    DBAPIError: _unavailable,
    OSError: _unavailable,
}
"""For `problems.install`: the errors of a service that has a database."""
