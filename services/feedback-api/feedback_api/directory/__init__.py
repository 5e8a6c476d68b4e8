"""The units as this service knows them: a projection of the directory of units."""
