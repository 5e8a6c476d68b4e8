"""Raw statements of dossiers. Their columns are those of the tables, so that each is written out once, there."""

from typing import Final

from sqlalchemy import text

from cchc_shared.storage.recordsets import names, typed
from dossiers_api.dossiers.models import delivery, dossier

_OTHERS: Final = [column for column in dossier.c if not column.primary_key]
_GIVEN: Final = "json_to_recordset(CAST(CAST(:rows AS text) AS json))"
_DOSSIERS: Final = f"{_GIVEN} AS g({typed(dossier.c)})"

# Raw, because of `json_to_recordset`: one plan for any number of rows. In the order of their codes, so that two callers
# who add the same ones wait for each other, and neither for ever.
ADD: Final = text(f"""
    INSERT INTO dossier ({names(dossier.c)}) SELECT {names(dossier.c)} FROM {_DOSSIERS} ORDER BY code
    ON CONFLICT DO NOTHING RETURNING code""")
SAVE: Final = text(f"""
    UPDATE dossier SET {", ".join(f"{column.name} = g.{column.name}" for column in _OTHERS)}
    FROM {_DOSSIERS} WHERE dossier.code = g.code""")
KEEP: Final = text(f"""
    INSERT INTO dossier_delivery ({names(delivery.c)})
    SELECT {names(delivery.c)} FROM {_GIVEN} AS g({typed(delivery.c)})""")
