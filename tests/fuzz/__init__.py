"""Requests that nobody thought of, for every operation of the merged contract."""
