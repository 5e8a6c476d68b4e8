"""The services behind the gateway: connections to them, and what can go wrong on the way."""
