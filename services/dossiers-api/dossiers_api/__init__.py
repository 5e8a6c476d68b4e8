"""Dossiers of administrative procedures (hồ sơ TTHC): what one-stop software and portals say of them."""
