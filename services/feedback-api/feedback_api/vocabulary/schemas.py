"""Response models of the vocabulary."""

from cchc_shared.contract.provenance import Provenance
from cchc_shared.http.schemas import Out
from feedback_api.reports.schemas import TextOut


class TermOut(Out):
    """A code, with its label."""

    code: str
    label: TextOut


class StatusTermOut(TermOut):
    """A status, with what it means to whoever sent the report or follows it."""

    meaning: TextOut


class RefusalTermOut(TermOut):
    """A reason of refusal, with where its sender should go."""

    where_to_go: TextOut


class SourcedOut(Out):
    """A list in the order in which it is shown. `status` tells whether its labels are official: `V` read in the
    source, `S` second-hand, `R` a default of this software, not official."""

    source: str
    status: Provenance


class TermsOut(SourcedOut):
    items: list[TermOut]


class StatusesOut(SourcedOut):
    items: list[StatusTermOut]


class RefusalsOut(SourcedOut):
    items: list[RefusalTermOut]


class VocabularyOut(Out):
    """Every list of codes of reports."""

    version: str
    statuses: StatusesOut
    kinds: TermsOut
    categories: TermsOut
    severities: TermsOut
    channels: TermsOut
    outcomes: TermsOut
    refusals: RefusalsOut
    return_reasons: TermsOut
    contact_purposes: TermsOut
    erasure_reasons: TermsOut
