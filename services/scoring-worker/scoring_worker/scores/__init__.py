"""Scores of units as readers see them: ranked, and explained down to the events."""
