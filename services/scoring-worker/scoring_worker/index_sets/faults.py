"""What is wrong with an index set as a whole: its parts refer to each other, and points must add up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from cchc_shared.contract.codes import UnitKind
from scoring_worker.facts.domain import HAPPENED
from scoring_worker.index_sets.domain import Criterion, IndexSet
from scoring_worker.index_sets.frame import FULL, seats
from scoring_worker.index_sets.indicators import FromEvents, Is, Term
from scoring_worker.index_sets.reading import shown
from scoring_worker.index_sets.rules import Answers, Expression
from scoring_worker.sources import OCCURRENCES


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of an index set, with its path: `fields.0.criteria.2.rule.threshold`.

    `found` is what Pydantic found, where the words are its own; then there are no Vietnamese ones here. `cell` is the
    place in a workbook: `Tiêu chí!D14`.
    """

    path: str
    vi: str
    en: str
    found: Mapping[str, Any] | None = None
    cell: str | None = None


class _Placed(NamedTuple):
    """A criterion with where it stands, and the part that it belongs to."""

    path: str
    criterion: Criterion
    part: str | None
    adds: bool


def faults(index_set: IndexSet) -> Iterator[Fault]:
    """Every fault that only shows when the document is looked at as a whole."""
    yield from _of_heading(index_set)
    placed = list(_placed(index_set))
    codes = [part.code for part in index_set.fields] + [each.criterion.code for each in placed]
    yield from _repeated("fields", codes)
    for each in placed:
        if not each.criterion.criteria:
            yield from _of_leaf(each.path, each.criterion, index_set)
    for name, indicator in index_set.indicators.items():
        if isinstance(indicator, FromEvents):
            yield from _of_events(f"indicators.{name}", indicator)
    yield from _of_bands(index_set)
    yield from _of_exemptions(index_set, set(codes))
    yield from _of_points(index_set, placed)


def _of_heading(index_set: IndexSet) -> Iterator[Fault]:
    if index_set.template and index_set.notice is None:
        yield Fault(
            "notice",
            "bản mẫu phải nói rõ với người đọc rằng nó là bản mẫu",
            "a template must tell its readers that it is one",
        )
    if index_set.effective_to is not None and index_set.effective_to < index_set.effective_from:
        yield Fault("effective_to", "không được trước `effective_from`", "must not be before effective_from")
    if not 0 <= index_set.rank_from_coverage <= 1:
        yield Fault("rank_from_coverage", "phải từ 0 đến 1", "must be between 0 and 1")
    if not index_set.kinds:
        yield Fault("kinds", "cần ít nhất một", "at least one is needed")
    if not index_set.fields:
        yield Fault("fields", "cần ít nhất một", "at least one is needed")
    for number, field in enumerate(index_set.fields):
        if not field.criteria:
            yield Fault(f"fields.{number}.criteria", "cần ít nhất một", "at least one is needed")


def _placed(index_set: IndexSet) -> Iterator[_Placed]:
    for number, field in enumerate(index_set.fields):
        for place, criterion in enumerate(field.criteria):
            path = f"fields.{number}.criteria.{place}"
            yield from _below(path, criterion, field.part, adds=field.adds == "points")


def _below(path: str, criterion: Criterion, part: str | None, *, adds: bool) -> Iterator[_Placed]:
    part = criterion.part or part
    yield _Placed(path, criterion, part, adds)
    for number, child in enumerate(criterion.criteria):
        yield from _below(f"{path}.criteria.{number}", child, part, adds=adds)


def _repeated(path: str, values: list[str]) -> Iterator[Fault]:
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(path, f"`{value}` có {times} lần", f"{value} stands {times} times")


def _of_leaf(path: str, criterion: Criterion, index_set: IndexSet) -> Iterator[Fault]:
    rule = criterion.rule
    if rule is None:
        return
    at = f"{path}.inputs" if criterion.inputs else f"{path}.indicator"
    known: dict[str, Is] = {}
    for name, code in criterion.named.items():
        if (indicator := index_set.indicators.get(code)) is None:
            yield Fault(
                f"{at}.{name}" if criterion.inputs else at,
                f"`{code}` không có trong các chỉ tiêu",
                f"{code} is not among the indicators",
            )
        else:
            known[code] = indicator.of
    if rule.needs != "several" and len(criterion.named) > 1:
        yield Fault(at, f"`{rule.kind}` chỉ dùng một chỉ tiêu", f"{rule.kind} works on one indicator")
    for code, of in known.items():
        if rule.needs == "share" and of != "share":
            yield Fault(
                f"{path}.rule", f"`{rule.kind}` cần mẫu số trong `{code}`", f"{rule.kind} needs a denominator in {code}"
            )
        if rule.needs == "amount" and of != "amount":
            yield Fault(
                f"{path}.rule",
                f"`{rule.kind}` dùng số lượng, còn `{code}` là tỷ lệ",
                f"{rule.kind} works on an amount, and {code} is a share",
            )
        if criterion.direction == "down" and of != "share":
            yield Fault(
                f"{path}.direction",
                f"`{code}` không phải tỷ lệ nên không có phần còn lại",
                f"{code} is no share: it has no rest",
            )
    yield from _of_names(path, criterion)


def _of_names(path: str, criterion: Criterion) -> Iterator[Fault]:
    """The names that a rule calls its inputs by are those of the criterion."""
    rule = criterion.rule
    if isinstance(rule, Expression):
        yield from _unnamed(f"{path}.rule.cel", rule.program().names, criterion.named)
    if isinstance(rule, Answers):
        yield from _unnamed(f"{path}.rule.shares", criterion.named.keys(), rule.shares)


def _unnamed(path: str, names: Iterable[str], known: Mapping[str, object]) -> Iterator[Fault]:
    for name in sorted(set(names) - known.keys()):
        yield Fault(path, f"`{name}` không có trong: `{', '.join(known)}`", f"{name} is not among {', '.join(known)}")


def _of_events(path: str, indicator: FromEvents) -> Iterator[Fault]:
    if not indicator.numerator:
        yield Fault(f"{path}.numerator", "cần ít nhất một số hạng", "at least one term is needed")
    for side, terms in (("numerator", indicator.numerator), ("denominator", indicator.denominator)):
        for number, term in enumerate(terms):
            for state in term.states:
                if (term.measure in OCCURRENCES) != (state == HAPPENED):
                    yield Fault(
                        f"{path}.{side}.{number}.states",
                        f"`{term.measure}` không bao giờ ở trạng thái `{state}`",
                        f"{term.measure} is never {state}",
                    )
        yield from _repeated(f"{path}.{side}", [f"{measure} {state}" for measure, state in _pairs(terms)])
    # Of another measure nobody can tell here whether all of it is in the denominator; its numbers will.
    measures = {term.measure for term in indicator.denominator}
    beyond = {pair for pair in _pairs(indicator.numerator) if pair[0] in measures} - set(_pairs(indicator.denominator))
    if beyond:
        named = ", ".join(sorted(f"{measure} {state}" for measure, state in beyond))
        yield Fault(
            f"{path}.numerator",
            f"đếm cái mà mẫu số không đếm: `{named}`",
            f"counts what the denominator does not: {named}",
        )


def _pairs(terms: tuple[Term, ...]) -> list[tuple[str, str]]:
    return [(term.measure, state) for term in terms for state in term.states]


def _of_bands(index_set: IndexSet) -> Iterator[Fault]:
    yield from _repeated("bands", [" ".join(map(str, band.bound)) for band in index_set.bands])
    yield from _repeated("bands", [band.code for band in index_set.bands])
    for number, band in enumerate(index_set.bands):
        for side in ("requires", "forced_by"):
            yield from _unnamed(f"bands.{number}.{side}", set(getattr(band, side)), index_set.gates)
    for name, gate in index_set.gates.items():
        yield from _unnamed(f"gates.{name}.when", gate.program().names, gate.inputs)
        yield from _unnamed(f"gates.{name}.inputs", set(gate.inputs.values()), index_set.indicators)


def _of_exemptions(index_set: IndexSet, codes: set[str]) -> Iterator[Fault]:
    for number, exemption in enumerate(index_set.exemptions):
        for code in exemption.criteria:
            if code not in codes:
                yield Fault(
                    f"exemptions.{number}.criteria",
                    f"`{code}` không có trong các tiêu chí",
                    f"{code} is not among the criteria",
                )


def _of_points(index_set: IndexSet, placed: list[_Placed]) -> Iterator[Fault]:
    """Points add up to what the set says: a published set had 99.55 of 100."""
    known = {part.code for part in index_set.parts}
    yield from _repeated("parts", [part.code for part in index_set.parts])
    for each in placed:
        if each.part is not None and each.part not in known:
            yield Fault(
                f"{each.path}.part", f"`{each.part}` không có trong các phần", f"{each.part} is not among the parts"
            )
        if each.part is None and known and not each.criterion.criteria and each.adds:
            yield Fault(f"{each.path}.part", "phải là một trong các phần", "must be one of the parts")
    for kind in index_set.kinds:
        sums = _sums(index_set, placed, kind)
        for number, part in enumerate(index_set.parts):
            wanted = part.points_of.get(kind, part.points)
            if sums.get(part.code, Fraction(0)) != wanted:
                yield _no_sum(f"parts.{number}.points", kind, sums.get(part.code, Fraction(0)), wanted)
        if index_set.points is not None and not index_set.parts and sum(sums.values()) != index_set.points:
            yield _no_sum("points", kind, sum(sums.values(), Fraction(0)), index_set.points)


def _sums(index_set: IndexSet, placed: list[_Placed], kind: UnitKind) -> dict[str | None, Fraction]:
    """The points of each part that a unit of the kind can have."""
    here = seats(index_set, kind, {})
    sums: dict[str | None, Fraction] = {}
    for each in placed:
        if each.adds and not each.criterion.criteria:
            seat = here[each.criterion.code]
            own = Fraction(each.criterion.max or 0) * (seat.factor if seat.applies or seat == FULL else 0)
            sums[each.part] = sums.get(each.part, Fraction(0)) + own
    return sums


def _no_sum(path: str, kind: UnitKind, found: Fraction, wanted: Decimal) -> Fault:
    return Fault(
        path,
        f"các tiêu chí của loại `{kind}` có {shown(found, 4)} điểm, không phải {wanted}",
        f"the criteria of a {kind} have {shown(found, 4)} points, not {wanted}",
    )
