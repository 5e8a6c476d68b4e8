"""Office files of strangers: kept to the byte, if nothing in them runs or is fetched when somebody opens them."""
