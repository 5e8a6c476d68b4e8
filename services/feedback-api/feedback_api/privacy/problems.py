"""The kinds of problems of personal data."""

from typing import Final

from cchc_shared.http.kinds import kind

PERSONAL_DATA_FORBIDDEN: Final = kind(
    "personal-data-forbidden",
    403,
    vi="Bạn không được xem hoặc sửa dữ liệu cá nhân này.",
    en="You may not read or change this personal data.",
    mend_vi="Liên hệ của người gửi: chỉ đơn vị đang giữ phản ánh và chính người gửi. Trích xuất, sửa, ẩn danh: chỉ "
    "người gửi. Danh sách ai đã xem: người gửi, đầu mối và thanh tra.",
    mend_en="Contact data: the unit that holds the report, and its sender. Export, correction, anonymity: the sender. "
    "Who has read it: the sender, co-ordinator and inspectors.",
)
SEAL_UNREADABLE: Final = kind(
    "seal-unreadable",
    409,
    vi="Dữ liệu liên hệ được niêm phong bằng khóa mà hệ thống không còn giữ.",
    en="The contact data were sealed with a key that the service does not have.",
    mend_vi="Báo cho đơn vị vận hành: cần khóa cũ trong CCHC_CONTACT_KEY.",
    mend_en="Tell the operator: CCHC_CONTACT_KEY needs the former key.",
)
