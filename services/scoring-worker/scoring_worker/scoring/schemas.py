"""What several features ask for in the same words."""

from cchc_shared.http.field_errors import pattern
from scoring_worker.periods import PATTERN

PERIOD = pattern(
    f"^{PATTERN}$",
    vi="phải là 2024, 2024-H1, 2024-Q2 hoặc 2024-05",
    en="must be like 2024, 2024-H1, 2024-Q2 or 2024-05",
)
