"""Which unit a report goes to at intake, and why."""
