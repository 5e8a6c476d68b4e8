"""Processes are killed under load; a history checker says what was lost, doubled or put out of order."""
