"""Tokens for development. In production tokens come from the city's issuer, and nothing here is served."""
