"""The outcomes that an answer may have, by the city's rules."""

from feedback_api.rulebook import CodeList, Part


class HandlingRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that handling reads."""

    outcomes: CodeList
