"""Actions on a report after intake."""
