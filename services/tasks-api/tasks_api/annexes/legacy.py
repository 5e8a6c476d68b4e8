"""Texts of old Vietnamese fonts (TCVN3, also called ABC, and VNI): recognised by letters that no other text has."""

import re
from typing import Final

_TCVN3: Final = dict(
    zip(
        "¡¢§£¤¥¦¨©®ª«¬\xad¸µ¶·¹¾»¼½ÆÊÇÈÉËÐÌÎÏÑÕÒÓÔÖÝ×ØÜÞãßáâäèåæçéíêëìîóïñòôøõö÷ùýúûüþ",
        "ĂÂĐÊÔƠƯăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ",
        strict=True,
    )
)
_TABLE: Final = str.maketrans(_TCVN3)
_ONLY_TCVN3: Final = re.compile("[¡§¤¥¦¨©®ª«¬¸µ¶·¹¾»¼½ÆÇÈËÎÏÑÖ×ØÜÞßåæçëïñö÷øûüþ]")
_UNICODE: Final = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_VNI: Final = re.compile("[aeouyAEOUYôöÔÖ][äåàáâãéêèëïñøùûüõóòúÄÅÀÁÂÃÉÊÈËÏÑØÙÛÜÕÓÒÚ]|[ñÑ](?=[aeiouAEIOUöô])")
_FEW: Final = 3


def is_tcvn3(text: str) -> bool:
    """Whether a text has many letters of TCVN3 and none of Vietnamese in Unicode."""
    return len(_ONLY_TCVN3.findall(text[:20_000])) > _FEW and not _UNICODE.search(text)


def is_vni(text: str) -> bool:
    """Whether a text has many pairs of letters as VNI writes one, and none of Vietnamese in Unicode."""
    return len(_VNI.findall(text[:20_000])) > _FEW and not _UNICODE.search(text)


def from_tcvn3(text: str) -> str:
    """The text in Unicode. Fonts made of capitals use the letters of small ones, so capitals are not told apart."""
    return text.translate(_TABLE)
