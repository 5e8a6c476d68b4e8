"""The part of the city's rules that standard replies read."""

from feedback_api.rulebook import CodeList, Part


class ReplyRules(Part, frozen=True, kw_only=True):
    """The categories that a reply may be for, with the names that are filled in."""

    categories: CodeList
