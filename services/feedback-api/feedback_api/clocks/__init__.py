"""The two clocks of a report: acceptance and resolution."""
