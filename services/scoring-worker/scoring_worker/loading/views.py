"""Index sets as readers see them."""

import re
from typing import Any

from cchc_shared.contract.yaml_text import read_yaml
from scoring_worker.catalogue.repository import Stored
from scoring_worker.index_sets.differences import differences as compare
from scoring_worker.index_sets.document import plain
from scoring_worker.loading.schemas import SetDifference, SetDifferences, SetDocument, SetVersionOut


def version(stored: Stored) -> SetVersionOut:
    """A version without its document."""
    return SetVersionOut.model_validate(_version(stored))


def document(stored: Stored) -> SetDocument:
    """A version with its document."""
    index_set = stored.document.index_set
    notice = index_set.notice
    return SetDocument.model_validate(
        {
            **_version(stored),
            "notice": notice.vi if notice else None,
            "notice_en": notice.en if notice else None,
            "remarks": [remark.vi for remark in index_set.remarks],
            "remarks_en": [remark.en for remark in index_set.remarks],
            "document": read_yaml(stored.document.text),
        }
    )


def attached(stored: Stored) -> dict[str, str]:
    """The headers of a version that is sent as a file."""
    index_set = stored.document.index_set
    name = re.sub(r"[^\w.-]", "_", f"{index_set.code}-{index_set.version}", flags=re.ASCII)
    return {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "X-Content-Type-Options": "nosniff",
    }


def differences(before: Stored, after: Stored) -> SetDifferences:
    """What differs between two versions."""
    found = compare(plain(before.document.index_set), plain(after.document.index_set))
    return SetDifferences(
        code=before.document.index_set.code,
        before=before.document.index_set.version,
        after=after.document.index_set.version,
        items=[SetDifference(**each._asdict()) for each in found],
    )


def _version(stored: Stored) -> dict[str, Any]:
    index_set = stored.document.index_set
    same = ("code", "version", "template", "source", "status", "effective_from", "effective_to", "kinds")
    return {
        **{name: getattr(index_set, name) for name in same},
        "title": index_set.title.vi,
        "title_en": index_set.title.en,
        "sha256": stored.document.sha256,
        "loaded_at": stored.loaded_at,
    }
