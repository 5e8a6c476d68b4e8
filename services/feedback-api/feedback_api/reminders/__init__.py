"""Due times that come near or are reached, as events."""
