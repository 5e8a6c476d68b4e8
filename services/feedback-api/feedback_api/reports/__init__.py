"""A report: its tables, its state and actions, and who may read it. Every feature may use this room."""
