"""Reporters' contact data: encrypted, in a table of their own, never in events or logs."""
