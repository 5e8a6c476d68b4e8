"""The guides of the repository as pages: Markdown in, HTML out, with links that lead on within the portal."""

import re
from collections.abc import Iterator, MutableMapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ROOT: Final = Path(__file__).parents[4]
"""The root of the repository, as it lies there and in the image."""
PROBLEMS: Final = "problems"
GUIDES: Final = (
    "dossiers", "keys", "webhooks", "events", "vendor", "app-developer", "app-screen", "vendor-check", PROBLEMS,
)  # fmt: skip
"""Those for integrators, in the order in which they are needed."""
TABLE: Final = "Bảng · Table"
"""What a table is called that can be moved sideways."""
_LINK: Final = re.compile(r"(?:\./)?(?:docs/guides/)?([a-z0-9-]+)\.md(#.*)?")
_ROW: Final = re.compile(r"<tr>\n<td><code>([a-z0-9-]+)</code></td>\n<td>\d{3}</td>")
_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


class Guide(NamedTuple):
    """A page of Markdown."""

    title: str
    body: Markup


@cache
def guide(name: str) -> Guide:
    """The guide of that name, one of `GUIDES`."""
    found = _read(ROOT / "docs" / "guides" / f"{name}.md")
    return found if name != PROBLEMS else Guide(found.title, Markup(_with_anchors(str(found.body))))  # noqa: S704


@cache
def changelog() -> Guide:
    """What changed, newest first."""
    return _read(ROOT / "CHANGELOG.md")


def inline(text: str) -> Markup:
    """The description of something in the contract: paragraphs, lists and code."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - HTML within it is shown as text


def slug(heading: str) -> str:
    """The anchor of a heading, as the repository's own pages have it."""
    return "".join(each for each in heading.lower() if each.isalnum() or each in " -_").replace(" ", "-")


def anchor(code: str) -> str:
    """Where a code stands in the table of problems."""
    return f"problem-{code}"


def _read(file: Path) -> Guide:
    tokens = _MARKDOWN.parse(file.read_text("utf-8"))
    title = tokens[1].content if tokens and tokens[0].type == "heading_open" else file.stem
    env: MutableMapping[str, Any] = {}
    body = _MARKDOWN.renderer.render(list(_reshaped(tokens)), _MARKDOWN.options, env)
    return Guide(title, Markup(body))  # noqa: S704 - HTML within it is shown as text


def _reshaped(tokens: Sequence[Token]) -> Iterator[Token]:
    """The same with anchors at headings, tables that can be moved sideways, and links that lead somewhere here."""
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(tokens[number + 1].content))
        if token.type == "table_open":
            yield _html(f'<div class="wide" tabindex="0" role="region" aria-label="{TABLE}">')
        if token.children:
            token.children = list(_linked(token.children))
        yield token
        if token.type == "table_close":
            yield _html("</div>")


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def _linked(tokens: Sequence[Token]) -> Iterator[Token]:
    """Links between guides; one that leads to what is not served here is its words alone."""
    dropping = False
    for token in tokens:
        if token.type == "link_open":
            leads = _target(str(token.attrGet("href")))
            dropping = leads is None
            if leads is None:
                continue
            token.attrSet("href", leads)
        elif token.type == "link_close" and dropping:
            dropping = False
            continue
        yield token


def _target(given: str) -> str | None:
    if given.startswith(("#", "https://")):
        return given
    found = _LINK.fullmatch(given)
    if found is None or found[1] not in GUIDES:
        return None
    return f"/developers/guides/{found[1]}{found[2] or ''}"


def _with_anchors(html: str) -> str:
    """Each code of the table of problems can be linked to, where it stands first."""
    seen = set[str]()

    def anchored(row: re.Match[str]) -> str:
        if row[1] in seen:
            return row[0]
        seen.add(row[1])
        return row[0].replace("<tr>", f'<tr id="{anchor(row[1])}">', 1)

    return _ROW.sub(anchored, html)
