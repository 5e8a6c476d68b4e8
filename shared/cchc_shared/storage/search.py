"""Search by words in the database: a column of unmarked words with its index, and the texts that they come from.

The words are made in the process (`contract.wording.unmarked`): the database would need six times as long, and its
index of single words costs less on the way in than one of a text that is still to be parsed.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.wording import Sought, unmarked


def words_of(*texts: str | None) -> str:
    """What a column of words holds: every word of these texts without marks, with single spaces between."""
    return unmarked(" ".join(filter(None, texts)))


def index_of_words(name: str, words: Column[str], *more: ColumnElement[Any]) -> Index:
    """The index that `found` and `looked_up` walk, and what else it tells rows apart by."""
    # As PostgreSQL writes it back, so that a comparison with the database finds no difference.
    return Index(name, literal_column(_words_in(words)), *more, _table=words.table, postgresql_using="gin")


def found(what: Sought, words: Column[str], texts: Sequence[Column[str]]) -> ColumnElement[bool]:
    """Whether a row has what is sought. The texts are read only where marks were typed."""
    if not what.phrases:
        return false()
    # The words stand in the statement, so that it is planned for them: a rare word is looked up in the index, and for a
    # common one the list is walked. A plan for any word would be the wrong one for most.
    sought_words = bindparam(None, what.words, ARRAY(Text), literal_execute=True)
    # A walk passes hundreds of rows for one that has the words: to split each takes five times as long as to see that
    # it has not even their letters. That comes first, and in a form that the planner takes for nearly always true.
    conditions: list[ColumnElement[bool]] = [
        *(func.strpos(words, word) != 0 for word in what.words),
        _has(words, sought_words),
    ]
    conditions += [
        (literal(" ") + words + literal(" ")).contains(f" {phrase} ") for phrase in what.phrases if " " in phrase
    ]
    if what.marked:
        conditions.append(_is_spelt(texts, literal(_spellings(what))))
    return and_(*conditions)


def looked_up(words: Column[str]) -> ColumnElement[bool]:
    """Whether the index says that a row has all the `words` among the `parameters`."""
    # Words that the planner saw, it would plan for, each time anew, which takes longer than to look them up.
    return _has(words, select(bindparam("words", type_=ARRAY(Text))).scalar_subquery())


def looked_at(words: ColumnElement[str], texts: Sequence[ColumnElement[str]], *, marked: bool) -> ColumnElement[bool]:
    """Whether a row has what is sought, as it says itself. Like `looked_up`, it is one statement for all that is sought
    with the same `marked`, built and planned once: what is sought comes with the `parameters`."""
    phrases = func.all(bindparam("phrases", type_=ARRAY(Text)))
    has_phrases = (literal_column("' '") + words + literal_column("' '")).op("LIKE", is_comparison=True)(phrases)
    return and_(has_phrases, _is_spelt(texts, bindparam("spellings", type_=Text))) if marked else has_phrases


def parameters(what: Sought) -> dict[str, Any]:
    """For statements with `looked_up` and `looked_at`."""
    phrases = [f"% {phrase} %" for phrase in what.phrases]
    return {"words": what.words, "phrases": phrases} | ({"spellings": _spellings(what)} if what.marked else {})


async def make_words(
    conn: AsyncConnection, key: Column[Any], words: Column[str], texts: Sequence[Column[str]], limit: int
) -> int:
    """Give words to rows that have none yet (null), without commit; returns to how many.

    They stay locked, so that nobody changes the texts meanwhile; rows that somebody is working on are left for later.
    """
    query = select(key, *texts).where(words.is_(None)).limit(limit).with_for_update(skip_locked=True)
    rows = (await conn.execute(query)).all()
    if rows:
        statement = update(words.table).where(key == bindparam("row")).values({words: bindparam("made")})
        await conn.execute(statement, [{"row": row, "made": words_of(*found)} for row, *found in rows])
    return len(rows)


def _has(words: Column[str], sought_words: ColumnElement[Any]) -> ColumnElement[bool]:
    return literal_column(_words_in(words)).op("@>", is_comparison=True)(cast(sought_words, ARRAY(Text)))


def _is_spelt(texts: Sequence[ColumnElement[str]], spellings: ColumnElement[str]) -> ColumnElement[bool]:
    # Most rows with the words have the marks as well. Left bare, the planner takes it for a rare thing, and reads every
    # row with the words where it had better walk the list.
    text = func.concat_ws(literal(" "), *texts)
    return func.coalesce(func.to_tsvector("simple", text).op("@@")(func.to_tsquery("simple", spellings)), false())


def _spellings(what: Sought) -> str:
    return " & ".join("(" + " | ".join(f"'{word}'" for word in sorted(each)) + ")" for each in what.marked)


def _words_in(words: Column[str]) -> str:
    return f"string_to_array({words.name}, ' '::text)"
