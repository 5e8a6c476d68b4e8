"""Scores of units: evaluated from counts, ranked, explained down to the events."""
