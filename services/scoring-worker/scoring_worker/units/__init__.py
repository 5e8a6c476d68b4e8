"""What is known of the units: a projection of the directory's events."""
