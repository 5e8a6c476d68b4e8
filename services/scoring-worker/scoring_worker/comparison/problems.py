"""Kinds of problems of comparisons."""

from typing import Final

from cchc_shared.http.kinds import kind

SEASON_NOT_PUBLISHED: Final = kind(
    "season-not-published",
    409,
    vi="Đợt chấm điểm chưa công bố, chưa so sánh được.",
    en="The season is not published, so it cannot be compared.",
    mend_vi="Chọn đợt đã công bố; đợt ghi ở `season` đang ở bước `state`.",
    mend_en="Choose a season that is published; the one named in `season` is at the stage `state`.",
)
