"""Questionnaires as documents: which questions are asked of citizens, and of how many where. All of it is data."""
