"""Indices that others publish of whole provinces, year by year: PAR INDEX, SIPAS, PAPI. They are kept, not scored."""
