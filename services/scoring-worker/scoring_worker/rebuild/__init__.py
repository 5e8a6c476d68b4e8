"""The scores made again from the log of events, beside the live ones, compared, and put in their place on demand."""
