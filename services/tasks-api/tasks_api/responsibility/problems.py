"""Problems that are those of the register."""

from typing import Final

from cchc_shared.http.kinds import kind

ENTRY_WITHDRAWN: Final = kind(
    "entry-withdrawn",
    409,
    vi="Mục này của sổ đã được rút.",
    en="This entry of the register was withdrawn.",
    mend_vi="Ghi một mục mới.",
    mend_en="Write another entry.",
)
