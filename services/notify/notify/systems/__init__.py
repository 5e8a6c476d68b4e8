"""Systems that are connected to this one, and how far each of them may go."""
