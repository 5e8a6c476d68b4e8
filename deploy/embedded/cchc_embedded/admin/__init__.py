"""Commands of an operator: back up, restore, look into the database, rebuild, act on parked events.

Every verb finds the database by itself: the embedded server of `CCHC_DATA_DIR`, running or not, or the server that
`DATABASE_URL` names.
"""
