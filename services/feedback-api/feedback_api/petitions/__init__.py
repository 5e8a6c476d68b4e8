"""Voters' petitions that become tasks."""
