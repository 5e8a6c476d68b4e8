"""Turns errors of the database into problems for callers."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog import get_logger

from cchc_shared.http import kinds
from cchc_shared.http.problems import Explain, Problem, full
from cchc_shared.storage.database import is_unavailable, sqlstate
from cchc_shared.storage.group_commit import Overloaded
from cchc_shared.storage.idempotency import KeyReused

log = get_logger()

DATABASE_UNAVAILABLE: Final = kinds.kind(
    "database-unavailable",
    503,
    vi="Cơ sở dữ liệu tạm thời không sẵn sàng, hãy thử lại sau.",
    en="The database is unavailable for the moment; try again later.",
    mend_vi="Đợi theo Retry-After rồi gửi lại cùng Idempotency-Key.",
    mend_en="Wait as Retry-After says, then send it again with the same Idempotency-Key.",
)


def _unavailable(error: Exception) -> Problem | None:
    if not is_unavailable(error):
        return None
    log.warning("database unavailable", error=type(error).__name__, sqlstate=sqlstate(error))
    return Problem(DATABASE_UNAVAILABLE, headers={"Retry-After": "2"})


def _key_reused(_: Exception) -> Problem:
    return Problem(kinds.IDEMPOTENCY_KEY_REUSED)


EXPLANATIONS: Final[Mapping[type[Exception], Explain]] = {
    Overloaded: lambda _: full(),
    PoolTimeout: lambda _: full(),
    KeyReused: _key_reused,
    DBAPIError: _unavailable,
    OSError: _unavailable,
}
"""For `problems.install`: the errors of a service that has a database."""
