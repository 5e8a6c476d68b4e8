"""The categories that a report may have, by the city's rules."""

from feedback_api.rulebook import CodeList, Part


class IntakeRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that intake reads."""

    categories: CodeList
