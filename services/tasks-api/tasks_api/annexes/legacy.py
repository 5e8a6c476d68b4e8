"""Texts of old Vietnamese fonts (TCVN3, also called ABC, and VNI): recognised by letters that no other text has."""

import re
from typing import Final

from tasks_api.annexes.rules import AnnexRules

_ONLY_TCVN3: Final = re.compile(
    r"[\xa1\xa7\xa4\xa5\xa6\xa8\xa9\xae\xaa\xab\xac\xb8\xb5\xb6\xb7\xb9\xbe\xbb\xbc\xbd\xc6\xc7\xc8\xcb\xce\xcf\xd1\xd6\xd7\xd8\xdc\xde\xdf\xe5\xe6\xe7\xeb\xef\xf1\xf6\xf7\xf8\xfb\xfc\xfe]"
)
_UNICODE: Final = re.compile(r"[\u0103\u0111\u01a1\u01b0\u0102\u0110\u01a0\u01af\u1ea0-\u1ef9]")
_VNI: Final = re.compile(
    r"[aeouyAEOUY\xf4\xf6\xd4\xd6][\xe4\xe5\xe0\xe1\xe2\xe3\xe9\xea\xe8\xeb\xef\xf1\xf8\xf9\xfb\xfc\xf5\xf3\xf2\xfa\xc4\xc5\xc0\xc1\xc2\xc3\xc9\xca\xc8\xcb\xcf\xd1\xd8\xd9\xdb\xdc\xd5\xd3\xd2\xda]|[\xf1\xd1](?=[aeiouAEIOU\xf6\xf4])"
)
_FEW: Final = 3
_BEGIN: Final = 20_000


def is_tcvn3(text: str) -> bool:
    """Whether a text has many letters of TCVN3 and none of Vietnamese in Unicode."""
    return len(_ONLY_TCVN3.findall(text[:_BEGIN])) > _FEW and not _UNICODE.search(text)


def is_vni(text: str) -> bool:
    """Whether a text has many pairs of letters as VNI writes one, and none of Vietnamese in Unicode."""
    return len(_VNI.findall(text[:_BEGIN])) > _FEW and not _UNICODE.search(text)


def from_tcvn3(text: str, rules: AnnexRules) -> str:
    """The text in Unicode. Fonts made of capitals use the letters of small ones, so capitals are not told apart."""
    return text.translate(str.maketrans(rules.tcvn3, rules.tcvn3_means))
