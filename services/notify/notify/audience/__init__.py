"""Who may be told of an event that left a service."""
