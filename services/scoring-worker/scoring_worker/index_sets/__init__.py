"""Index sets: versioned documents that say what is scored, and how. Pure: no database, no clock, no framework."""
