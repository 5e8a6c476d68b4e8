"""What the services tell each other: events, code lists, and the words that documents use of themselves."""
