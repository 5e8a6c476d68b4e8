"""Handling of a report after intake: lists, reading, history and actions."""
