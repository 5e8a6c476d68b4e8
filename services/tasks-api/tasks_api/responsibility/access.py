"""Who keeps the register of responsibility, and alone reads it."""

from typing import Final

from cchc_shared.contract.codes import Role

KEEPERS: Final = (Role.SCORING_BOARD,)
"""The organisation authority: the same office judges units and keeps the record of it."""
