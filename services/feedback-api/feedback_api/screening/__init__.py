"""Looks for personal data in free text before anybody else reads it."""
