"""Raw statements of dossiers. Their columns are those of the tables, so that each is written out once, there."""

from typing import Final

from sqlalchemy import text

from cchc_shared.storage.recordsets import typed
from dossiers_api.dossiers.models import dossier

_OTHERS: Final = [column for column in dossier.c if not column.primary_key]

# Raw, because of `json_to_recordset`: one plan for any number of rows.
SAVE: Final = text(f"""
    UPDATE dossier SET {", ".join(f"{column.name} = g.{column.name}" for column in _OTHERS)}
    FROM json_to_recordset(CAST(CAST(:rows AS text) AS json)) AS g({typed(dossier.c)}) WHERE dossier.code = g.code""")
