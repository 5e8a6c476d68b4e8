"""Who is let in where the roles of a declaration do not say all of it, because it depends on the thing.

Of the callers whom a declaration lets in, a rule names those who get what they ask for, those who see the thing but
may not do this (403), and what all others get: 404, as for a thing that is not there, if nothing else is said.
An operation whose path names a thing must have a rule; any other one without a rule is for all whom it declares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cchc_shared.contract.codes import OVERSIGHT, UNIT_STAFF, Role
from tests.end_to_end.matrix.cells import ELSEWHERE, NOBODY, NONE, SENDER, YES, Cell, Depth, Place, at
from tests.end_to_end.matrix.doubles import Operation

Callers = frozenset[str]
"""Names of cells."""
EVERYBODY: Final[Callers] = frozenset({"*"})
"""Whoever is declared."""
HERE, PARTNER, ABOVE, STRANGE, NOWHERE = Place.OWN, Place.PARTNER, Place.ABOVE, Place.STRANGE, Place.NOWHERE


def of(roles: Iterable[Role], *places: Place) -> Callers:
    """These roles at these places; anywhere if none is named."""
    return frozenset(at(role, place).name for role in roles for place in places or tuple(Place))


def staff(*places: Place) -> Callers:
    return of(UNIT_STAFF, *places)


def heads(*places: Place) -> Callers:
    return of((Role.UNIT_HEAD,), *places)


def desk(*places: Place) -> Callers:
    return of((Role.COORDINATOR,), *places)


def officers(*places: Place) -> Callers:
    return of((Role.OFFICER,), *places)


OVERSEERS: Final = of(OVERSIGHT)
READERS: Final = of((Role.COORDINATOR, Role.INSPECTOR))
"""Who reads the reports of every unit."""
SYSTEMS: Final = of((Role.SYSTEM,))
OPERATORS: Final = of((Role.OPERATOR,))
SENDERS: Final = frozenset({SENDER.name})
ANYONE: Final = of(Role) | SENDERS | {NOBODY.name}
"""All but a connected system with a scope."""
CITY: Final = desk(ABOVE, NOWHERE)
"""The office that assigns for the city, and its unit: the tour's tasks, plans and documents are of the city."""
UNIT_DESKS: Final = desk(HERE, PARTNER, STRANGE)
"""Co-ordinators of other units than the one that assigned."""
INSPECTING: Final = desk(PARTNER, ABOVE, STRANGE, NOWHERE) | of((Role.INSPECTOR,), PARTNER, STRANGE, NOWHERE)
"""Who plans inspections; not those of their own unit."""


@dataclass(frozen=True)
class Rule:
    """Who gets what of these operations, and of those that do the same to many at once (`…_many`)."""

    operations: str
    why: str
    let: Callers = EVERYBODY
    seen: Callers = frozenset()
    """Know the thing, and are told (403) that this is for somebody else."""
    others: str = "404"
    odd: tuple[str, Callers] = ("", frozenset())
    """A refusal for what some of them ask, and to whom."""


OPEN: Final = "what it names is no secret to whom it is declared for"
RULES: Final = (
    # What is the same for all whom the declaration lets in.
    Rule("units.get public_map.get open311.definition open311.read procedures.get", f"{OPEN}: public"),
    Rule("publications.page publications.page_unit publications.read publications.read_unit", f"{OPEN}: published"),
    Rule(
        "dossier_publications.page dossier_publications.page_unit dossier_publications.read "
        "dossier_publications.read_unit dossier_publications.postings dossier_publications.correct",
        "as those of reports",
    ),
    Rule("publications.postings publications.correct surveys.paper surveys.cast", f"{OPEN}: published, or a ballot's"),
    Rule("open311.token calendars.read", "the secret that stands in it opens it"),
    Rule("units.put units.put_heads mailboxes.get mailboxes.put mails.retry privacy.erase", "operators, of all units"),
    Rule(
        "systems.change systems.suspend systems.resume systems.history systems.make_key systems.rotate_key "
        "systems.revoke_key parked_events.feedback.act parked_events.dossiers.act parked_events.notify.act "
        "parked_events.scoring.act",
        "operators, of all systems and services",
    ),
    Rule(
        "plans.get plans.versions plans.rows.export plans.progress plans.progress.export targets.get targets.list "
        "units.head units.heads progress.month progress.month.export",
        "officials read every plan and its targets; rows, and figures by unit, are cut to what is theirs",
    ),
    Rule(
        "index_sets.get index_sets.export index_sets.differences series.get series.territory series.enter "
        "components.get questionnaires.get surveys.get surveys.make_links surveys.withdraw surveys.quotas "
        "surveys.quotas.export surveys.results surveys.results.export",
        "of the whole city, and of no unit",
    ),
    Rule(
        "scores.get seasons.get seasons.results.export seasons.publication seasons.publication.export seasons.links "
        "seasons.published seasons.findings seasons.findings.export seasons.compare seasons.comparison.export "
        "seasons.history scorecards.entries",
        "scores are seen by all officials, and a season's once it is published",
    ),
    Rule(
        "responsibility.get responsibility.correct responsibility.history responsibility.withdraw",
        "the register is kept and read by the board alone",
    ),
    # Reports.
    Rule("feedback.submit", "a system sends reports of the channels in its scope", ANYONE, others="403"),
    Rule("feedback.submit_many", "as one, with a refusal for each item", SYSTEMS, others="rejected"),
    Rule("channels.email channels.hotline channels.national_portal", "as feedback.submit", SYSTEMS, others="403"),
    Rule(
        "channels.zalo",
        "its signature opens it to who has no token",
        SYSTEMS,
        others="403",
        odd=("401", frozenset({NOBODY.name})),
    ),
    Rule(
        "feedback.get feedback.history feedback.clocks", "its officials; this sender is nobody", READERS | staff(HERE)
    ),
    Rule("feedback.list", "what one may read", READERS | staff(HERE, PARTNER) | SENDERS, others="none"),
    Rule(
        "feedback.assign feedback.classify feedback.refuse feedback.mark_duplicate feedback.merge", "the desk", desk()
    ),
    Rule("feedback.split feedback.parts", "the desk, and who reads every report", READERS),
    Rule(
        "feedback.accept feedback.return feedback.ask_supplement feedback.draft_answer",
        "staff of the unit that holds it",
        staff(HERE),
        desk(),
    ),
    Rule(
        "feedback.extend feedback.approve_answer feedback.reject_answer",
        "its head",
        heads(HERE),
        desk() | officers(HERE),
    ),
    Rule(
        "feedback.transfer feedback.publish feedback.add_note feedback.close attachments.publish attachments.hide",
        "the unit that holds it, and the desk",
        desk() | staff(HERE),
    ),
    Rule("feedback.mark_unjustified", "the desk; units that had it know it", desk(), staff(HERE, PARTNER)),
    Rule("feedback.supplement", "who was asked, or for them", desk() | staff(HERE) | SENDERS, READERS),
    Rule("feedback.reopen", "its sender, or the desk for them", desk() | SENDERS, READERS | staff(HERE)),
    Rule(
        "feedback.rate privacy.correct privacy.anonymize privacy.my_data", "its sender", SENDERS, READERS | staff(HERE)
    ),
    Rule("feedback.follow", "any citizen but its sender, once it is in the open", of((Role.CITIZEN,)), others="403"),
    Rule("following.list privacy.all_my_data", "one's own", SENDERS, others="none"),
    Rule("privacy.reporter", "who works on it, and who it is about", staff(HERE) | SENDERS, READERS),
    Rule("privacy.contact_accesses", "who it is about, and who oversees", READERS | SENDERS, staff(HERE)),
    Rule("privacy.erasures", "officials of the report, and who erases", READERS | OPERATORS | staff(HERE)),
    Rule(
        "feedback.similar feedback.advice feedback.open311 standard_replies.preview standard_replies.get "
        "standard_replies.history standard_replies.change standard_replies.retire",
        "officials of the report, or of the unit whose reply it is",
        READERS | staff(HERE),
    ),
    Rule("standard_replies.list", "of one's unit", READERS | staff(HERE), others="none"),
    Rule(
        "standard_replies.create publications.post dossier_publications.post",
        "for one's own unit",
        desk() | staff(HERE, PARTNER, ABOVE, STRANGE),
        others="403",
    ),
    Rule(
        "attachments.list attachments.content attachments.thumbnail",
        "who reads the report",
        READERS | staff(HERE) | SENDERS,
    ),
    Rule("attachments.attach", "who acts on the report", desk() | staff(HERE) | SENDERS, READERS),
    Rule("uploads.begin", "the same; here nobody has assigned it yet", desk() | SENDERS, READERS | staff(HERE)),
    Rule("uploads.get uploads.append uploads.end", "who began it", SENDERS),
    # Tasks, and what is beside them.
    Rule(
        "tasks.get tasks.history documents.get evidence.list evidence.content progress_reports.list "
        "progress_reports.export",
        "units that have to do with it, and oversight",
        OVERSEERS | staff(HERE, ABOVE),
    ),
    Rule(
        "documents.list progress_reports.obstacles overviews.waiting overviews.handovers overviews.returned",
        "of such tasks",
        OVERSEERS | staff(HERE, ABOVE),
        others="none",
    ),
    Rule("overviews.silent submissions.list dossiers.list", "of one's unit", OVERSEERS | staff(HERE), others="none"),
    Rule(
        "tasks.list",
        "of one's unit; without one a role in it means nothing",
        staff(HERE, PARTNER, ABOVE, STRANGE),
        others="none",
        odd=("422", OVERSEERS),
    ),
    Rule("tasks.export", "as tasks.list", staff(), others="422"),
    Rule("tasks.create", "the city's office, or a co-ordinator of the lead unit", CITY | desk(HERE), others="422"),
    Rule(
        "tasks.start tasks.report tasks.request_extension tasks.return tasks.propose_close",
        "staff of the lead unit",
        staff(HERE),
        desk() | staff(ABOVE),
    ),
    Rule(
        "tasks.approve tasks.reject", "first the lead unit's head", heads(HERE), desk() | staff(ABOVE) | officers(HERE)
    ),
    Rule(
        "tasks.assign_officer",
        "the lead unit's head; staff may take it themselves",
        heads(HERE),
        desk() | staff(ABOVE),
        odd=("422", officers(HERE)),
    ),
    Rule(
        "tasks.grant_extension tasks.deny_extension tasks.close tasks.mark_unjustified tasks.confirm_trigger "
        "tasks.set_deadline submissions.approve progress_reports.answer",
        "who speaks for the unit that assigned it, or decides",
        heads(ABOVE) | CITY,
        UNIT_DESKS | staff(HERE) | officers(ABOVE),
    ),
    Rule("tasks.transfer", "both sides' heads", heads(HERE, ABOVE) | CITY, UNIT_DESKS | officers(HERE, ABOVE)),
    Rule(
        "tasks.urge",
        "who assigned it; a head urges staff alone",
        heads(ABOVE) | CITY,
        UNIT_DESKS | officers(HERE, ABOVE),
        odd=("422", heads(HERE)),
    ),
    Rule(
        "steps.add steps.change steps.remove evidence.add evidence.link progress_reports.add consultations.ask "
        "consultations.ask_many submissions.draft",
        "staff of the lead unit",
        staff(HERE),
        staff(ABOVE),
    ),
    Rule("evidence.remove", "who added it alone", frozenset(), staff(HERE, ABOVE)),
    Rule("consultations.get consultations.history", "both sides, and oversight", OVERSEERS | staff(HERE, PARTNER)),
    Rule("consultations.notice consultations.notice_page", "there is none while it is open"),
    Rule("consultations.answer consultations.return", "the unit that is asked", staff(PARTNER), staff(HERE)),
    Rule("consultations.withdraw", "the unit that asks", staff(HERE), staff(PARTNER)),
    Rule("submissions.get submissions.history", "both sides, and oversight; here a draft", OVERSEERS | staff(HERE)),
    Rule("submissions.record_meeting", "the unit that submits", staff(HERE), desk()),
    Rule("submissions.send", "its head", heads(HERE), desk() | officers(HERE)),
    Rule("submissions.return", "the unit that decides", staff(ABOVE) | CITY, UNIT_DESKS | staff(HERE)),
    Rule(
        "inspections.get inspections.history recommendations.get recommendations.history",
        "both sides once it is announced, and oversight",
        OVERSEERS | staff(HERE, PARTNER),
    ),
    Rule(
        "inspections.list recommendations.list consultations.list consultations.statistics seasons.results",
        "of both sides",
        OVERSEERS | staff(HERE, PARTNER),
        others="none",
    ),
    Rule("inspections.plan", "nobody of their own unit", INSPECTING, others="422"),
    Rule("inspections.announce", "it does not exist before, for the inspected unit", INSPECTING | staff(PARTNER)),
    Rule("inspections.start", "who inspects; unannounced, it does not exist before", staff(PARTNER), INSPECTING),
    Rule("inspections.conclude recommendations.confirm", "who inspects", staff(PARTNER), READERS | staff(HERE)),
    Rule(
        "inspections.cancel recommendations.reopen",
        "who inspects, and the office; nobody for their own unit",
        INSPECTING | staff(PARTNER),
        READERS | staff(HERE),
    ),
    Rule("recommendations.report", "the unit that is responsible", staff(HERE), READERS | staff(PARTNER)),
    Rule("plans.rows", "rows that became tasks of one's unit; here none did", OVERSEERS | staff(ABOVE), others="none"),
    Rule("plans.import", "the city's office, or the issuer", OPERATORS | CITY, others="422"),
    Rule(
        "plans.assign_row plans.drop_row plans.withdraw plans.place_under documents.assign targets.set targets.change "
        "targets.withdraw document_files.add",
        "the unit that issued or registered it",
        OPERATORS | CITY,
        others="403",
    ),
    Rule("document_files.content document_files.thumbnail", "as the document", OVERSEERS | staff(ABOVE)),
    Rule("document_files.remove", "who added it alone", frozenset(), others="403"),
    Rule("targets.report", "the unit that is responsible", staff(HERE), others="403"),
    Rule("notifications.list", "one's own", CITY | staff(HERE, PARTNER, ABOVE, STRANGE), others="none"),
    Rule("notifications.read", "this one is for officers of the unit", officers(HERE)),
    Rule(
        "units.reassign units.reassignment units.reassignment.export",
        "the city",
        OPERATORS | desk(NOWHERE),
        others="403",
    ),
    Rule("progress.correct_month", "the city's office", desk(NOWHERE), others="403"),
    Rule(
        "units.waiting",
        "of tasks that one's unit assigned",
        (OVERSEERS - UNIT_DESKS) | staff(ABOVE),
        others="none",
    ),
    Rule("kpi.get kpi.export", "one's own unit", OVERSEERS | staff(HERE)),
    Rule(
        "calendars.make_link calendars.links calendars.revoke_link",
        "head and co-ordinators of the unit",
        OPERATORS | heads(HERE) | desk(HERE),
        others="403",
    ),
    # Scores and dossiers.
    Rule("indicators.enter", "a system of the units in its scope", OVERSEERS | SYSTEMS, others="403"),
    Rule("surveys.respond", "as indicators.enter, with a refusal for each item", SYSTEMS, others="rejected"),
    Rule("indicators.values", "one's own unit, and those of the scope", OVERSEERS | SYSTEMS | staff(HERE)),
    Rule("simulations.gains scores.evidence dossiers.count dossiers.count_steps", "one's own", OVERSEERS | staff(HERE)),
    Rule(
        "seasons.open seasons.reschedule seasons.add_units seasons.advance seasons.publish seasons.cancel",
        "the board runs a season of the city",
        of((Role.SCORING_BOARD,)),
        others="403",
    ),
    Rule("scorecards.get scorecards.export", "the unit, its appraisers, oversight", OVERSEERS | staff(HERE, PARTNER)),
    Rule("scorecards.self_score scorecards.explain", "the unit that is scored", staff(HERE), staff(PARTNER)),
    Rule("scorecards.object scorecards.mend", "the same, of what all see by then", staff(HERE), others="403"),
    Rule(
        "scorecards.appraise",
        "the field's unit, not the board; nobody their own unit",
        staff(PARTNER),
        staff(HERE) | of((Role.SCORING_BOARD,), HERE),
        odd=("422", of((Role.SCORING_BOARD,), STRANGE, NOWHERE)),
    ),
    Rule(
        "scorecards.decide",
        "the council; nobody their own unit",
        of((Role.COUNCIL,), STRANGE, NOWHERE),
        staff(HERE, PARTNER) | of((Role.COUNCIL,), HERE),
    ),
    Rule(
        "scorecards.rule", "the board; nobody their own unit", of((Role.SCORING_BOARD,), STRANGE, NOWHERE), others="403"
    ),
    Rule("dossiers.get dossiers.steps", "who handles it; a system what it sent", OVERSEERS | staff(HERE)),
    Rule("dossiers.give_secret", "who handles it", staff(HERE)),
    Rule("dossiers.send dossiers.send_progress", "of the units in the scope", SYSTEMS, others="rejected"),
    Rule("procedures.record procedures.disclose", "of the units in the scope", desk() | SYSTEMS, others="403"),
    # Connected systems.
    Rule(
        "systems.get systems.keys webhooks.get webhooks.replay webhooks.rotate_secret webhooks.disable webhooks.enable "
        "webhooks.deliveries webhooks.delete",
        "a system's own",
        OPERATORS,
    ),
    Rule(
        "events.stream",
        "staff with a unit, and a system that is connected",
        OVERSEERS | staff(HERE, PARTNER, ABOVE, STRANGE),
        others="403",
    ),
    Rule("webhooks.list", "a system's own", OPERATORS, others="none"),
    Rule("webhooks.create", "a system that is connected", OPERATORS, others="403"),
)
_MONTHS: Final = ("progress.correct_month", "publications.correct", "dossier_publications.correct")
MAKING: Final = frozenset({"units.put", "series.enter", *_MONTHS})
"""What is not there yet is made."""
FILES: Final = frozenset({"attachments.attach", "document_files.add", "evidence.add"})
"""Refused (503) where nothing is kept: a file stands on the list of what is removed, before it is taken."""
_BY_NAME: Final = {name: rule for rule in RULES for name in rule.operations.split()}


def rule_of(operation: str) -> Rule | None:
    """The rule of an operation."""
    return _BY_NAME.get(operation) or _BY_NAME.get(operation.removesuffix("_many"))


def depth_of(operation: str) -> Depth:
    """At how many places it is tried."""
    rule = rule_of(operation)
    if rule is None:
        return Depth.ROLES
    plain = rule.let == EVERYBODY or operation.endswith(("_many", ".export"))
    return Depth.SIDES if plain else Depth.PLACES


def expected(operation: Operation, cell: Cell) -> Callers:
    """What a caller may get."""
    if cell == ELSEWHERE:
        return frozenset({"403"})
    if cell.role is None and not operation.anonymous:
        return frozenset({"401"})
    if not operation.anonymous and cell.role not in operation.roles:
        return frozenset({"403"})
    rule = rule_of(operation.id)
    return frozenset({YES, NONE}) if rule is None else _by(rule, operation.id, cell)


def _by(rule: Rule, operation: str, cell: Cell) -> Callers:
    code, whom = rule.odd
    if cell.name in whom:
        return frozenset({code})
    if rule.let == EVERYBODY or cell.name in rule.let:
        return frozenset({"503"} if operation in FILES else {YES} if rule.others == NONE else {YES, NONE})
    return frozenset({"403" if cell.name in rule.seen else rule.others})
