"""The areas of the public contract, as tags with a description in both languages."""

from collections.abc import Mapping
from typing import Final

AREAS: Final[Mapping[str, str]] = {
    "feedback": "Tiếp nhận và xử lý phản ánh, kiến nghị · Intake and handling of feedback",
    "statistics": "Thống kê phản ánh, kiến nghị · Feedback statistics",
    "plans": "Kế hoạch và tiến độ thực hiện · Plans and their progress",
    "tasks": "Giao và theo dõi nhiệm vụ · Assignment and follow-up of tasks",
    "units": "Danh mục cơ quan, đơn vị · The directory of units",
    "calendar": "Lịch làm việc và thời hạn · Working calendar and deadlines",
    "scores": "Điểm chỉ số cải cách hành chính · Scores of the reform indices",
    "identity": "Mã truy cập cho môi trường phát triển · Tokens for development",
    "health": "Tình trạng hoạt động · Health of the service",
}
