"""Counts of a unit in a period: the number of facts by measure and state."""
