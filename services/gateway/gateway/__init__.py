"""The public entry of the system: forwards requests to the services and publishes one merged contract."""
