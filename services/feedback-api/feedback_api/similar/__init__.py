"""Reports that may tell the same."""
