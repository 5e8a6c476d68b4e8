"""What a system is answered, for each item that it sent."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from cchc_shared.http.problems import Problem
from cchc_shared.http.schemas import ProblemDocument
from dossiers_api.intake.checks import Judged
from dossiers_api.intake.schemas import DossierResult, DossierResults, LineRefused, LinesJudged, LineWrong
from dossiers_api.intake.service import Outcome


def results(outcomes: Sequence[Outcome], language: str) -> DossierResults:
    """Of the items of one request; fields are named by their place in it."""
    return DossierResults(results=[_result(index, each, language) for index, each in enumerate(outcomes)])


def refused(number: int, outcome: Outcome, problem: Problem, language: str) -> LineRefused:
    """Of one line of a file."""
    wrong = replace(problem, errors=[replace(each, row=number) for each in problem.errors])
    return LineRefused(line=number, dossier=outcome.dossier, problem=_document(wrong, language))


def judged(found: Sequence[Judged], language: str) -> LinesJudged:
    """Of a file that was not sent."""
    wrong = [
        LineWrong(**dict(refused(each.line, each.outcome, each.outcome.problem, language)), section=each.section)
        for each in found
        if each.outcome.problem is not None
    ]
    return LinesJudged(lines=len(found), wrong=wrong)


def _result(index: int, outcome: Outcome, language: str) -> DossierResult:
    problem = None
    if outcome.problem is not None:
        errors = outcome.problem.errors
        placed = [replace(each, field=f"body.items.{index}.{each.field}", row=index) for each in errors]
        problem = _document(replace(outcome.problem, errors=placed), language)
    return DossierResult(index=index, status=outcome.status, dossier=outcome.dossier, problem=problem)


def _document(problem: Problem, language: str) -> ProblemDocument:
    return ProblemDocument.model_validate(msgspec.to_builtins(problem.document(language)))
