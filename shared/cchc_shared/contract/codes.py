"""Code lists of the public contract. A value here is stored, sent in events and shown to other systems."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role of a caller. A person may hold several."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    COORDINATOR = "coordinator"
    SCORING_BOARD = "scoring_board"
    COUNCIL = "council"
    INSPECTOR = "inspector"
    SYSTEM = "system"
    OPERATOR = "operator"


UNIT_STAFF: Final = (Role.UNIT_HEAD, Role.OFFICER)
"""Who works for one unit. A head who does what all staff may do acts as head."""
OVERSIGHT: Final = (Role.COORDINATOR, Role.SCORING_BOARD, Role.COUNCIL, Role.INSPECTOR, Role.OPERATOR)
"""Who looks at every unit."""


class UnitKind(StrEnum):
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    SECTION = "section"
    CENTRAL_AGENCY = "central_agency"
    SERVICE_UNIT = "service_unit"
    PROVINCE = "province"


class TaskStatus(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    COMPLETED = "completed"
    CLOSE_PROPOSED = "close_proposed"
    CLOSED = "closed"
    EXTENSION_REQUESTED = "extension_requested"


class InspectionStatus(StrEnum):
    PLANNED = "planned"
    ANNOUNCED = "announced"
    IN_PROGRESS = "in_progress"
    CONCLUDED = "concluded"
    CANCELLED = "cancelled"


class RecommendationStatus(StrEnum):
    """How a recommendation of an inspection stands. It is open until it is done, also while a report waits."""

    OPEN = "open"
    REPORTED = "reported"
    DONE = "done"


class Channel(StrEnum):
    """Channel through which a report came in."""

    IHANOI = "ihanoi"
    HOTLINE = "hotline"
    ZALO = "zalo"
    EMAIL = "email"
    NATIONAL_PORTAL = "national_portal"
    WEB = "web"
    COUNTER = "counter"
    OPEN311 = "open311"


class FeedbackKind(StrEnum):
    PROCEDURE = "procedure"
    CONDUCT = "conduct"
    ON_SITE = "on_site"
    VOTER_PETITION = "voter_petition"


class Severity(StrEnum):
    NORMAL = "normal"
    COMPLEX = "complex"
    URGENT = "urgent"


class FeedbackStatus(StrEnum):
    RECEIVED = "received"
    CLASSIFIED = "classified"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    ANSWER_DRAFTED = "answer_drafted"
    ANSWERED = "answered"
    PUBLISHED = "published"
    RATED = "rated"
    CLOSED = "closed"
    RETURNED = "returned"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"


class TaskReturnReason(StrEnum):
    """Reason for which a lead unit returns a task."""

    OUT_OF_COMPETENCE = "out_of_competence"
    BELONGS_TO_REQUESTER = "belongs_to_requester"


class FeedbackClock(StrEnum):
    """A clock of a report: its holder's for acceptance and for the answer, and the answer its sender was promised."""

    ACCEPTANCE = "acceptance"
    RESOLUTION = "resolution"
    PROMISE = "promise"


class FeedbackReturnReason(StrEnum):
    """Reason for which a unit returns a report to the desk."""

    OUT_OF_COMPETENCE = "out_of_competence"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    BELONGS_TO_OTHER = "belongs_to_other"


class ConsultationStatus(StrEnum):
    """Status of the question to one unit. `deemed_agreed` and `silent`: the deadline passed without an answer."""

    OPEN = "open"
    ANSWERED = "answered"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    DEEMED_AGREED = "deemed_agreed"
    SILENT = "silent"


class Opinion(StrEnum):
    """What a consulted unit says: it is one of these, never none."""

    AGREE = "agree"
    AGREE_WITH_CHANGES = "agree_with_changes"
    DISAGREE = "disagree"


class ConsultationReturnReason(StrEnum):
    """Reason for which a unit returns a question: it is not competent, or the matter is the asker's own to decide."""

    OUT_OF_COMPETENCE = "out_of_competence"
    BELONGS_TO_REQUESTER = "belongs_to_requester"


class SubmissionStatus(StrEnum):
    """Status of papers that a unit submits for a decision."""

    DRAFT = "draft"
    SENT = "sent"
    RETURNED = "returned"
    APPROVED = "approved"


class SubmissionReturnReason(StrEnum):
    """Reason for which papers are returned. What is the sender's own to decide is not sent again."""

    OWN_COMPETENCE = "own_competence"
    INCOMPLETE = "incomplete"
    NOT_COMPETENT = "not_competent"


class DossierStatus(StrEnum):
    """Status of a dossier, in the order of the national portal's codes 1 to 10."""

    REGISTERED = "registered"
    RECEIVED = "received"
    NOT_RECEIVED = "not_received"
    IN_PROGRESS = "in_progress"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    PAYMENT_REQUESTED = "payment_requested"
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    STOPPED = "stopped"
    HANDLED = "handled"
    RETURNED = "returned"


class DossierChannel(StrEnum):
    """How a dossier was handed in: at a counter, online or by public post."""

    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


class ProcedureChange(StrEnum):
    """What a decision says of a procedure: that it is published, new or amended, or that it is abolished."""

    PUBLISHED = "published"
    ABOLISHED = "abolished"


class ProcedureLevel(StrEnum):
    """Who handles the dossiers of a procedure: offices of the city, or of its communes."""

    CITY = "city"
    COMMUNE = "commune"


class Digitisation(StrEnum):
    """How the papers of a dossier came to be electronic: digitised for it, or used again from what there was."""

    DIGITISED = "digitised"
    REUSED_PAPERS = "reused_papers"
    REUSED_RESULT = "reused_result"
