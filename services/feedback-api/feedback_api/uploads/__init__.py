"""Uploads in parts (tus 1.0.0), which become attachments: for networks that break."""
