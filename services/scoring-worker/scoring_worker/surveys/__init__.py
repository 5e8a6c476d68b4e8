"""Surveys: citizens answer questions, shares of satisfied answers come out, and nobody can say who answered what."""
