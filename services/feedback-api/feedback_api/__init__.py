"""Intake and handling of citizens' reports (phản ánh, kiến nghị)."""
