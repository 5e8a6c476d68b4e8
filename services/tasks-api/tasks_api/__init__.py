"""Assignment and follow-up of tasks, and the directory of units."""
