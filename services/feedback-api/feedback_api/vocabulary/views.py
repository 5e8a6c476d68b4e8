"""The vocabulary as it is shown."""

from collections.abc import Mapping
from typing import Any

from cchc_shared.contract.provenance import Text
from feedback_api.rulebook import CodeList
from feedback_api.vocabulary.rules import VocabularyRules
from feedback_api.vocabulary.schemas import VocabularyOut


def vocabulary(rules: VocabularyRules) -> VocabularyOut:
    """Every list of the document, in its order."""
    labels = rules.labels
    statuses = {code: {"label": each.name, "meaning": each.meaning} for code, each in labels.statuses.items()}
    refusals = {
        code: {"label": each.name, "where_to_go": each.where_to_go} for code, each in rules.refusals.reasons.items()
    }
    return VocabularyOut.model_validate(
        {
            "version": rules.version,
            "statuses": _terms(labels, statuses),
            "kinds": _labelled(labels, labels.kinds),
            "severities": _labelled(labels, labels.severities),
            "channels": _labelled(labels, labels.channels),
            "return_reasons": _labelled(labels, labels.return_reasons),
            "categories": _listed(rules.categories),
            "outcomes": _listed(rules.outcomes),
            "refusals": _terms(rules.refusals, refusals),
            "contact_purposes": _listed(rules.contact_purposes),
            "erasure_reasons": _listed(rules.erasure_reasons),
        }
    )


def _listed(codes: CodeList) -> dict[str, Any]:
    return _labelled(codes, codes.names)


def _labelled(said: Any, names: Mapping[Any, Text]) -> dict[str, Any]:
    return _terms(said, {code: {"label": name} for code, name in names.items()})


def _terms(said: Any, terms: Mapping[Any, Mapping[str, Text]]) -> dict[str, Any]:
    """A list with its provenance, which `said` has as `source` and `status`."""
    items = [{"code": code, **fields} for code, fields in terms.items()]
    return {"source": said.source, "status": said.status, "items": items}
