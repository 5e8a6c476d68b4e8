"""The present, working days and working hours."""
