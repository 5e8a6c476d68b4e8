"""Webhooks: connected systems are told of events, at addresses of their own (Standard Webhooks)."""
