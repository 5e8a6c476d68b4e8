"""Uploads are for reports, as attachments are."""

from ..attachments.conftest import report, stored

__all__ = ["report", "stored"]
