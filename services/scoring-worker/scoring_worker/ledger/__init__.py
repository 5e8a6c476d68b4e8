"""Published seasons as a chain of documents that nobody can change unseen, and what they froze."""
