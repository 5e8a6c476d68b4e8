"""One contract for everything behind the door."""
