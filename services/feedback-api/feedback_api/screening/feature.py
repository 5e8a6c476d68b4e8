"""Screening of texts, shown to officials before they publish."""

from cchc_shared.service.feature import Feature
from feedback_api.screening.routes import router

FEATURE = Feature("screening", routers=(router,))
