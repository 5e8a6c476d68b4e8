"""What happens to a report after intake: lists, reading, history and actions."""
