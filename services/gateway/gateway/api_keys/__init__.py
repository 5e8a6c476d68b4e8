"""API keys of connected systems: exchanged for tokens here, so that services check tokens alone."""
