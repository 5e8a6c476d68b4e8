"""What an operator does with a system beside running it: back up, restore, look into the database, rebuild, unpark.

Every verb finds the database by itself: the embedded server of `CCHC_DATA_DIR`, running or not, or the server that
`DATABASE_URL` names.
"""
