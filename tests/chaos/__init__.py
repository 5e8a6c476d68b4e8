"""Faults strike a system under load; a history checker says what was lost, doubled, stale or put out of order."""
