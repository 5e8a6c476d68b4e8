"""Units as scoring knows them: a projection of the directory's events."""
