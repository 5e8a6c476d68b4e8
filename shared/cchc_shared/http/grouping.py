"""Names by which a query groups what it counts: some of a closed list, with commas between, each once."""

from enum import StrEnum
from typing import Final

from pydantic import AfterValidator, StringConstraints

from cchc_shared.http.field_errors import pattern, refuse


def names_of(kind: type[StrEnum], max_length: int) -> StringConstraints:
    """How such a field is written. `Annotated[str, names_of(Dimension, 60), EACH_ONCE]`."""
    one_of = "|".join(kind)
    written = pattern(
        f"^({one_of})(,({one_of}))*$",
        vi=f"phải gồm các tên {', '.join(kind)}, cách nhau bằng dấu phẩy",
        en=f"must be names out of {', '.join(kind)}, with commas between",
    )
    return StringConstraints(max_length=max_length, pattern=written)


def _each_once(value: str) -> str:
    names = value.split(",")
    if len(set(names)) < len(names):
        raise refuse("nêu một tên hai lần", "names one twice")
    return value


EACH_ONCE: Final = AfterValidator(_each_once)
