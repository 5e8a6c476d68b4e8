"""Index sets: versioned documents that say what is scored, and how."""
