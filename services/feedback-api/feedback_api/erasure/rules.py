"""The reasons for which a report may be erased before its time, by the city's rules."""

from feedback_api.rulebook import CodeList, Part


class ErasureRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that an erasure on request asks."""

    erasure_reasons: CodeList
