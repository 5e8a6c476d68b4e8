"""What gateways have let callers do, counted together."""
