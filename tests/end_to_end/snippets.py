"""The shell commands that a document tells its reader to type, with what it says they answer."""

import re
from typing import NamedTuple

_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_SHELL = re.compile(
    r"^```sh\n(?P<body>.*?)^```$(?:\n\n→ (?P<after>[^\n]+)|\n\n```http\n(?P<answer>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
_ARROW = "# → "
_QUOTED = re.compile(r"`([^`]+)`")


class Snippet(NamedTuple):
    """Commands up to the next expectation, what their output must contain, and the answer of HTTP that it must be."""

    commands: str
    expected: tuple[str, ...]
    answer: str = ""


def snippets(document: str, title: str) -> list[Snippet]:
    """Of each fenced `sh` block under the heading, in order. Raises `ValueError` when there is none."""
    blocks = _SHELL.finditer(_section(document, title))
    found = [snippet for block in blocks for snippet in _split(block)]
    if not found:
        raise ValueError(f"no commands under the heading {title!r}")
    return found


def shell_blocks(document: str) -> list[Snippet]:
    """Of every fenced `sh` block in the document, in order; those of another language, or marked, are passed over."""
    return [snippet for block in _SHELL.finditer(document) for snippet in _split(block)]


def _section(document: str, title: str) -> str:
    """From the heading to the next one of its level or above; a line of a block is no heading."""
    masked = _BLOCK.sub(lambda block: "`" * len(block[0]), document)
    heading = re.search(rf"^(#+) {re.escape(title)}$", masked, re.MULTILINE)
    if heading is None:
        return ""
    following = re.compile(rf"^#{{1,{len(heading[1])}}} ", re.MULTILINE).search(masked, heading.end())
    return document[heading.end() : following.start() if following else None]


def _split(block: re.Match[str]) -> list[Snippet]:
    """Cut after each run of expectations. Those behind the block, in backquotes or as an
    answer, are of what is left of it."""
    found: list[Snippet] = []
    commands: list[str] = []
    expected: list[str] = []
    for line in [*block["body"].splitlines(), ""]:
        if line.startswith(_ARROW):
            expected.append(line.removeprefix(_ARROW).strip())
            continue
        if expected:
            found.append(Snippet("\n".join(commands), tuple(expected)))
            commands, expected = [], []
        commands.append(line)
    if any(commands):
        after = tuple(_QUOTED.findall(block["after"] or ""))
        found.append(Snippet("\n".join(commands).rstrip(), after, block["answer"] or ""))
    return found
