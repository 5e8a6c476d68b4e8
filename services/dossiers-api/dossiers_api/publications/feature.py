"""The monthly publication of dossiers."""

from cchc_shared.publications.feature import publications
from cchc_shared.publications.routes import Contract
from cchc_shared.service.context import Context
from dossiers_api.dossiers.rules import DossierRules
from dossiers_api.publications.rules import PublicationRules
from dossiers_api.publications.schemas import DossierCorrectionOut, DossierPublicationOut
from dossiers_api.publications.service import Dossiers
from dossiers_api.publications.sheets import WORDING


def _open(here: Context) -> Dossiers:
    requests_in_time = here.use(DossierRules).requests_in_time.value
    return Dossiers(here.calendar, PublicationRules.load(here.profile), requests_in_time)


FEATURE = publications(
    "dossiers.publish",
    _open,
    WORDING,
    Contract(
        path=WORDING.path,
        operations="dossier_publications",
        tag="dossier_publications",
        publication=DossierPublicationOut,
        correction=DossierCorrectionOut,
        of_city="Gives what was published of the dossiers of a month: as JSON, whose bytes are hashed; as CSV (UTF-8 "
        "with a byte order mark); or as the page. They are counted as they stood at the end of `as_of`, by what was "
        "known at the end of `known_at`.",
        of_unit="Gives the sheet of a unit. Every unit of the month has one, with zeros if it received nothing.",
    ),
    "Công khai kết quả giải quyết hồ sơ hằng tháng · Monthly publications of dossiers",
)
