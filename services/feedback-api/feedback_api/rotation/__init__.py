"""Contact data sealed again under the key that seals today, so that a former key can be destroyed."""
