"""What a service publishes of each month: closed on its day, never changed, corrected by new versions."""
