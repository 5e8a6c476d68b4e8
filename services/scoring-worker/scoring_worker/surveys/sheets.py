"""Surveys on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet

QUOTAS: Final = Sheet(
    file="chi-tieu-mau",
    title=Text("Chỉ tiêu mẫu của đợt khảo sát", "Quotas of a survey"),
    headings={
        "unit": "Mã đơn vị",
        "unit_name": "Tên đơn vị",
        "stratum": "Mã ô mẫu",
        "stratum_name": "Ô mẫu",
        "quota": "Chỉ tiêu",
        "ballots": "Đã nhận",
        "missing": "Còn thiếu",
        "people": "Số dân của ô mẫu",
    },
)
RESULTS: Final = Sheet(
    file="ket-qua-khao-sat",
    title=Text("Kết quả khảo sát", "Results of a survey"),
    headings={
        "unit": "Mã đơn vị",
        "unit_name": "Tên đơn vị",
        "factor": "Yếu tố",
        "question": "Câu hỏi (trống: cả yếu tố)",
        "name": "Nội dung",
        "name_en": "Nội dung (tiếng Anh)",
        "shown": "Đủ phiếu để công bố",
        "answering": "Số phiếu có trả lời",
        "answers": "Số câu trả lời",
        "satisfied": "Số câu trả lời hài lòng",
        "share": "Tỷ lệ hài lòng",
        "low": "Cận dưới khoảng tin cậy 95%",
        "high": "Cận trên khoảng tin cậy 95%",
        "weighted.share": "Tỷ lệ có quyền số",
        "weighted.low": "Cận dưới, có quyền số",
        "weighted.high": "Cận trên, có quyền số",
        "counts": "Số lần của từng câu trả lời",
        "ballots": "Số phiếu của đơn vị",
        "quota": "Chỉ tiêu phiếu của đơn vị",
        "below_quota": "Chưa đủ chỉ tiêu",
    },
)
