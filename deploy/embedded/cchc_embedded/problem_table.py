"""The table of all problem codes, for people: made from the kinds that the code declares."""

from collections.abc import Iterable

from cchc_shared.http.kinds import Kind

HEAD = """# Problems · Lỗi

Made by `make contracts` from the code; do not edit. Every error is `application/problem+json` (RFC 9457) with `code`, which is stable, and `title` (one for each status) and `detail`, which are for people. · Sinh từ mã nguồn; không sửa tay. Mọi lỗi là `application/problem+json` với `code` cố định; `title` (theo mã HTTP) và `detail` cho người đọc.

"""  # noqa: E501 - a paragraph is one line in Markdown


def problem_table(kinds: Iterable[Kind]) -> str:
    """The page in Vietnamese and English, by status and code."""
    ordered = sorted(kinds, key=lambda kind: (kind.status, kind.code))
    vietnamese = [(kind, kind.title.vi, kind.says.vi, kind.remedy.vi) for kind in ordered]
    english = [(kind, kind.title.en, kind.says.en, kind.remedy.en) for kind in ordered]
    return (
        HEAD
        + _table("Tiếng Việt", ("mã", "HTTP", "`title`", "nghĩa là", "cách sửa"), vietnamese)
        + "\n"
        + _table("English", ("code", "HTTP", "`title`", "means", "how to mend"), english)
    )


def _table(title: str, columns: Iterable[str], rows: Iterable[tuple[Kind, str, str, str]]) -> str:
    lines = [f"## {title}", "", f"| {' | '.join(columns)} |", "|---|---|---|---|---|"]
    lines += [f"| `{kind.code}` | {kind.status} | {named} | {says} | {remedy} |" for kind, named, says, remedy in rows]
    return "\n".join(lines) + "\n"
