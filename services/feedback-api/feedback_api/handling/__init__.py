"""What happens to a report after intake: its states, actions and history."""
