"""The address of a PostgreSQL, as operators write it and as the driver takes it."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

TLS_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
PARAMETERS: Final = ("sslmode", "sslrootcert", "sslcrl", "sslcert", "sslkey", "target_session_attrs")
"""What may stand behind the `?` of an address: what PostgreSQL's own programs and the driver both know."""


def async_url(url: str) -> str:
    """The same address with the driver the services use; accepts what operators usually write.

    Raises `ValueError` for what cannot be honoured.
    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("phải bắt đầu bằng · must begin with postgresql://")
    where, _, query = rest.partition("?")
    given = dict(parse_qsl(query, keep_blank_values=True))
    for name in given.keys() - set(PARAMETERS):
        raise ValueError(f"không dùng được · cannot be honoured: {name}; chỉ có · there are {', '.join(PARAMETERS)}")
    if (mode := given.get("sslmode", TLS_MODES[0])) not in TLS_MODES:
        raise ValueError(f"sslmode={mode}: phải là · must be one of {', '.join(TLS_MODES)}")
    # SQLAlchemy hands each parameter to the driver as an argument; the driver knows these in an address only.
    return f"postgresql+asyncpg://{where}" + (f"?{urlencode({'dsn': f'postgresql://?{query}'})}" if given else "")
