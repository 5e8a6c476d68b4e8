"""The purposes for which contact data may be read, by the city's rules."""

from feedback_api.rulebook import CodeList, Part


class PrivacyRules(Part, frozen=True, kw_only=True):
    """The part of the city's rules that reading contact data asks."""

    contact_purposes: CodeList
