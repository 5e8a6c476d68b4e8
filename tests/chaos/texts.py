"""Texts as people and programs really send them: whatever is Unicode comes back, in the form that is kept.

Every text begins and ends with a letter: white space at the ends is taken away on purpose.
"""

import random
import unicodedata
from collections.abc import Mapping

PLAIN = (
    "Nước ngập đường sau mưa ở ngõ 42, đề nghị khơi thông cống",
    "Hồ sơ quá hạn ba ngày mà chưa có phiếu xin lỗi",
    "Đèn đường tắt từ tối thứ Sáu; cán bộ hẹn rồi không đến",
)
EXOTIC = (
    "Tie\u0302\u0301ng Vie\u0323\u0302t tho\u031b\u0300i Unicode to\u0302\u0309 ho\u031b\u0323p",  # decomposed letters
    "họ tên \u202eđảo chiều\u202c và \u2067עברית\u2069 trong một dòng",  # bidirectional marks
    "nhà \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 và cờ \U0001f1fb\U0001f1f3 ở",  # joined emoji
    "chữ Nôm \U00023af5\U000249b2\U0002b740 ngoài mặt phẳng cơ bản",  # beyond sixteen bits
    "x" + "\u0301\u0323\u0308" * 40 + "y",  # a heap of marks
    "trang\u2028dòng\u2029đoạn\x85tiếp\x0bdọc\x0cmới\ttab\r\nhết",  # every kind of new line
    "khuất\ufeff giữa\u200b chữ\u00a0 cách\u3000 rộng\u00ad mềm",  # what cannot be seen
    "điều khiển \x01\x02\x1b[31m\x7f\x9f hết",  # control characters
    "ngoài chữ \ufffe\uffff\ufffd\U0010ffff hết",  # no characters, and the last one
    "nháy \"kép\" 'đơn' \\ gạch \\u0000 \\n %s {0} $1 ; DROP TABLE -- hết",
    "null",
    "<b>đậm</b><script>alert(1)</script>&amp;&#0; hết",
    "dài " + "đường xá, cầu cống, " * 200 + "hết",
)


def some_text(chance: random.Random, mark: str) -> str:
    """A text of its own for `mark`, every third one exotic."""
    text = chance.choice(EXOTIC if chance.random() < 0.33 else PLAIN)
    return f"{mark} {text}" if chance.random() < 0.5 else f"a {text} {mark}"


def as_kept(value: object) -> object:
    """What comes back of a text that was sent, or of a document of texts: composed, without what nobody can see.

    Said here in other words than the services' own, which it judges. No text here has a joiner at an end of a word.
    """
    if isinstance(value, Mapping):
        return {name: as_kept(each) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    shown = (each for each in value if unicodedata.category(each) != "Cf" or each == "\u200d")
    return unicodedata.normalize("NFC", "".join(shown))
