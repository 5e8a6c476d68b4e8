"""Duties and occurrences: who had to do what by when, and when it was done."""
