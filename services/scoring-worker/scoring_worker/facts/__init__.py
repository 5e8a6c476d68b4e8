"""Facts: duties (who had to do what by when, and when it was done) and occurrences (what happened to a unit)."""
