"""Deadlines of a report: how long acceptance and answer may take, and when they are late."""
