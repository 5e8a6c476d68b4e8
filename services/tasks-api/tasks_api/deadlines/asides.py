"""Sets aside what names something else than a day: reasons ("theo kế hoạch …") and events ("sau khi …")."""

from collections.abc import Sequence
from typing import Final

from tasks_api.deadlines.sentence import Sentence
from tasks_api.deadlines.words import ACTION, FILLER, QUESTION, REASON, UNKNOWN, Token

_TIME: Final = frozenset(
    [
        "day", "week", "month", "quarter", "year", "half", "period", "in", "until", "last", "first", "now", "hour",
        "weekday", "sunday", "from",
    ]
)  # fmt: skip
_DUE: Final = frozenset(("before", "by", "until", "in"))


def set_aside(tokens: Sequence[Token], text: str) -> Sentence:
    """The sentence of these tokens. A reason or an event takes all words up to the end of its clause or bracket."""
    sentence, symbols = Sentence(()), []
    at = 0
    while at < len(tokens):
        symbol = tokens[at].symbol
        kind = symbol.partition(":")[0]
        end = at + 1
        if kind == REASON or _begins_event(tokens, at):
            end = _end(tokens, at)
            symbols.append(_aside(sentence, tokens[at:end], text))
        elif kind == QUESTION:
            symbols.append(sentence.put(QUESTION, int(symbol.partition(":")[2])))
        elif kind == UNKNOWN:
            symbols.append(sentence.put(UNKNOWN, text[tokens[at].start : tokens[at].end]))
        else:
            symbols.append(symbol)
        at = end
    sentence.text = " ".join(symbols)
    return sentence


def _begins_event(tokens: Sequence[Token], at: int) -> bool:
    """Whether "sau khi", or "từ", "sau" before something that is no time, begins an event."""
    symbol = tokens[at].symbol
    if symbol == "when":
        return True
    if symbol not in ("from", "after"):
        return False
    following = [each.symbol for each in tokens[at + 1 :]]
    while following and following[0] in (ACTION, FILLER):
        following = following[1:]
    match following:
        case [] | [";" | ")" | "," | ".", *_]:
            return False
        case ["day", "issue", *_] | ["day", "document", "issue", *_] | ["issue", *_] | ["document", "issue", *_]:
            return symbol == "after"
        case ["day", following_day, *_]:
            return not following_day.isdecimal()
        case [first, *_]:
            return not first.isdecimal() and first not in _TIME
    return False


def _end(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for end in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[end].symbol, 0)
        if tokens[end].symbol == ";" or depth < 0:
            return end
    return len(tokens)


def _aside(sentence: Sentence, tokens: Sequence[Token], text: str) -> str:
    symbols = [each.symbol for each in tokens]
    if "," in symbols:
        behind = symbols[symbols.index(",") :]
        if _DUE.intersection(behind) and any(each.isdecimal() for each in behind):
            return "dated_aside"
    kind, _, number = symbols[0].partition(":")
    if kind == REASON:
        return sentence.put(REASON, (int(number), text[tokens[0].start : tokens[-1].end]))
    if "issue" in symbols and {*symbols[1:]} <= {"issue", "document", "day"}:
        return "upon"
    event = text[tokens[0].end : tokens[-1].end].strip()
    return sentence.put("event", event)
