"""`python -m scoring_worker.ledger FILE…`: verifies published links offline, and lists of what was entered by them.

It needs the files and nothing else: no database, no network, no settings. What it cannot know is which newest link was
published: compare the hash that it prints with the one in the decision.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from scoring_worker.ledger.domain import verify


def main(paths: Sequence[str]) -> int:
    """Print each link with its hash, then what does not agree. Returns 1 where anything does not, 2 without files."""
    if not paths:
        sys.stderr.write("python -m scoring_worker.ledger FILE…\n")
        return 2
    links, damages = verify((path, Path(path).read_bytes()) for path in paths)
    given = {(link.chain, link.number) for link in links}
    for link in links:
        owner, code = link.chain
        sys.stdout.write(f"{link.file}: {owner}{'/' if owner else ''}{code} #{link.number} {link.sha256}\n")
        if link.number > 1 and (link.chain, link.number - 1) not in given:
            sys.stdout.write(f"  chưa có bản #{link.number - 1} · without #{link.number - 1}\n")
    for damage in damages:
        sys.stdout.write(f"{damage.place}: {damage.words.vi} · {damage.words.en}\n")
    sys.stdout.write("KHÔNG KHỚP · DOES NOT AGREE\n" if damages else "KHỚP · AGREES\n")
    return int(bool(damages))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
