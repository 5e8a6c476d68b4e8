"""Open311 GeoReport v2: reports in the form that the clients of other cities send and read."""
