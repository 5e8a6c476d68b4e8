"""What is refused of a delivery."""

from cchc_shared.http.kinds import kind

DIFFERS = kind(
    "dossier-differs",
    409,
    vi="Trạng thái này của hồ sơ đã được gửi trước đó với nội dung khác.",
    en="This status of the dossier was sent before with another content.",
    mend_vi="Gửi lại đúng nội dung trước, hoặc gửi nội dung mới với thời điểm của nó.",
    mend_en="Send the content as before, or the new one with a time of its own.",
)
BACKWARDS = kind(
    "dossier-backwards",
    409,
    vi="Theo những gì đã biết, hồ sơ không thể có trạng thái này vào lúc đó. Nội dung được lưu nhưng chưa có hiệu lực.",
    en="By what is known of it, the dossier cannot have had this status at that time. It is kept without effect.",
    mend_vi="Kiểm tra trạng thái và thời điểm; xem hồ sơ bằng `GET /v1/dossiers/{code}`.",
    mend_en="Check status and time; see the dossier by GET /v1/dossiers/{code}.",
)
