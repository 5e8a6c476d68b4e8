"""Following a report instead of sending it again."""
