"""Reports counted by month, channel, unit and kind."""
