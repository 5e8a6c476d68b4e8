"""Pauses that no sender ends."""
