"""Intake of reports: one statement and one commit for all that arrive together."""
