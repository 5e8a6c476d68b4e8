"""Statements on ballots that are raw for their arrays: a thousand ballots are one statement.

Rows are written in the order of their keys, so that two senders do not wait for each other.
"""

from sqlalchemy import text

from scoring_worker.columns import arrays, names
from scoring_worker.surveys.models import survey_ballot, survey_receipt, survey_token

_BALLOT, _KEY = tuple(survey_ballot.c), tuple(survey_ballot.primary_key.columns)
_TOKEN = tuple(column for column in survey_token.c if column.server_default is None)

DROP_IN = text(
    f"""INSERT INTO survey_ballot AS b ({names(_BALLOT)})
        SELECT {names(_BALLOT)} FROM unnest({arrays(_BALLOT)}) AS w({names(_BALLOT)}) ORDER BY {names(_KEY)}
        ON CONFLICT ({names(_KEY)}) DO UPDATE SET number = b.number + EXCLUDED.number"""
)
ADD_TOKENS = text(f"INSERT INTO survey_token ({names(_TOKEN)}) SELECT * FROM unnest({arrays(_TOKEN)}) ORDER BY 1")
ADD_RECEIPTS = text(
    f"""INSERT INTO survey_receipt ({names(survey_receipt.c)}) SELECT * FROM unnest({arrays(survey_receipt.c)})
        ORDER BY 2 ON CONFLICT DO NOTHING RETURNING digest"""
)
