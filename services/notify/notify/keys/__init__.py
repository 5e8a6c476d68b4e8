"""API keys of connected systems: made once, shown once, exchanged for tokens that services check."""
