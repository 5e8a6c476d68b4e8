"""A unit's card on a sheet."""

from typing import Final

from cchc_shared.contract.provenance import Text
from cchc_shared.service.sheets import Sheet
from scoring_worker.seasons.sheets import ORIGINS, STATES, STEPS

CARD: Final = Sheet(
    file="phieu-cham-diem",
    title=Text("Phiếu chấm điểm", "A unit's card"),
    headings={
        "criterion": "Mã tiêu chí",
        "name": "Tiêu chí",
        "field": "Lĩnh vực",
        "max": "Điểm tối đa",
        "state": "Tình trạng",
        **STEPS,
        "points": "Điểm đạt được",
        "origin": "Nguồn của điểm",
        "finding": "Cần khắc phục",
        "former.season": "Đợt trước",
        "former.period": "Kỳ trước",
        "former.points": "Điểm đợt trước",
        "former.max": "Điểm tối đa đợt trước",
        "former.cause": "Nguyên nhân đã nêu",
        "former.accountable_unit": "Đơn vị chịu trách nhiệm",
        "former.accountable_position": "Chức danh chịu trách nhiệm",
        "former.task": "Nhiệm vụ khắc phục",
        "former.complete": "Đã nêu đủ",
        "season": "Đợt",
        "unit": "Mã đơn vị",
        "unit_name": "Đơn vị",
    },
    words={"origin": ORIGINS, "state": STATES},
    without=frozenset({"former.criterion", "former.name"}),
)
