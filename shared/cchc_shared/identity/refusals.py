"""Why a token is refused, in the words that its sender reads. None of them quotes the token."""

from typing import Final

from cchc_shared.contract.provenance import Text

TOO_LONG: Final = Text("Mã truy cập quá dài.", "The token is too long.")
MALFORMED: Final = Text(
    "Mã truy cập không có dạng của một mã có chữ ký (`JWT`).", "The token does not have the form of a signed JWT."
)
NESTED: Final = Text(
    "Nội dung mã truy cập lồng nhau quá nhiều lớp.", "What the token says is nested in too many layers."
)
REPEATED: Final = Text("Mã truy cập nêu một mục hai lần.", "The token has a member twice.")
UNKNOWN_ISSUER: Final = Text("Không nhận ra nơi cấp mã truy cập.", "The token's issuer is not known.")
ALGORITHM: Final = Text(
    "Mã truy cập ký bằng thuật toán không được nhận.", "The token is signed with an algorithm that is not accepted."
)
UNKNOWN_KEY: Final = Text(
    "Mã truy cập ký bằng khóa mà nơi cấp không công bố.",
    "The token is signed with a key that its issuer does not publish.",
)
SIGNATURE: Final = Text("Chữ ký của mã truy cập không đúng.", "The token's signature is wrong.")
NO_END: Final = Text(
    "Mã truy cập không nêu thời điểm hết hạn, hoặc một thời điểm trong đó không đọc được.",
    "The token does not say when it expires, or one of its times cannot be read.",
)
EXPIRED: Final = Text("Mã truy cập đã hết hạn.", "The token has expired.")
NOT_YET: Final = Text("Mã truy cập chưa có hiệu lực.", "The token is not valid yet.")
AUDIENCE: Final = Text("Mã truy cập cấp cho hệ thống khác.", "The token was issued for another system.")
SUBJECT: Final = Text(
    "Mã truy cập không nêu người gọi theo cách dùng được.", "The token does not name its caller in a usable way."
)
ROLES: Final = Text(
    "Mã truy cập nêu một vai trò mà nơi cấp không được trao.", "The token names a role that its issuer may not give."
)
UNIT: Final = Text("Đơn vị nêu trong mã truy cập không đọc được.", "The unit in the token cannot be read.")
SCOPE: Final = Text(
    "Mã truy cập không nêu phạm vi của hệ thống, hoặc phạm vi không đọc được.",
    "The token does not say how far its system may go, or that cannot be read.",
)


class Refused(Exception):
    """The token proves nothing; `says` is why."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says
