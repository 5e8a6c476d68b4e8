"""The README's tour, line by line as it is printed, against the running system."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.answers import Answers
from tests.end_to_end.snippets import Snippet, snippets
from tests.support.system import System

README = Path("README.md")
SHELLS = [shell for shell in ("bash", "dash", "zsh") if shutil.which(shell)]
TOUR = "A tour in five minutes"
EXAMPLE = """
## Before
```sh
not of the tour
```
## The tour
Some words.
```sh
echo one two
# → one
# → two
```
```json
{"not": "a command"}
```
```sh
greeting=hello
cat <<'END'
## no heading
END
# → no heading
echo three
```

→ `three`, `th`

```sh
echo 'HTTP/1.1 204'
```

```http
HTTP/1.1 204
```

## After
```sh
not of the tour either
```
"""


def test_snippets_are_taken_as_printed() -> None:
    assert snippets(EXAMPLE, "The tour") == [
        Snippet("echo one two", ("one", "two")),
        Snippet("greeting=hello\ncat <<'END'\n## no heading\nEND", ("no heading",)),
        Snippet("echo three", ("three", "th")),
        Snippet("echo 'HTTP/1.1 204'", (), "HTTP/1.1 204\n"),
    ]


def test_the_tour_has_no_comments_which_an_interactive_zsh_would_run() -> None:
    tour = snippets(README.read_text(encoding="utf-8"), TOUR)
    assert [each.commands for each in tour if re.search(r"(^|\s)#", each.commands, re.MULTILINE)] == []
    assert sum(len(each.expected) for each in tour) >= 10


def test_a_section_without_commands_is_an_error() -> None:
    with pytest.raises(ValueError, match="no commands"):
        snippets(EXAMPLE, "Another tour")


def test_a_command_that_fails_and_an_answer_that_differs_are_found(tmp_path: Path) -> None:
    failing = [Snippet("echo fine", ("fine",)), Snippet("false\necho too late", ())]
    with pytest.raises(AssertionError, match="snippet 2 of the tour failed"):
        follow(failing, 8080, tmp_path)
    with pytest.raises(AssertionError, match="snippet 1 of the tour"):
        follow([Snippet("echo fine", ("good",))], 8080, tmp_path)


@pytest.mark.parametrize(
    ("system", "shell"), [*(("postgres", shell) for shell in SHELLS), ("kafka", "bash")], indirect=["system"]
)
def test_the_tour_works_as_printed_and_twice_in_one_terminal(system: System, tmp_path: Path, shell: str) -> None:
    tour = snippets(README.read_text(encoding="utf-8"), TOUR)
    follow(tour * 2, system.port, tmp_path, shell)


@pytest.mark.parametrize("system", ["postgres"], indirect=True)
def test_a_refused_step_of_the_tour_shows_its_problem(system: System, tmp_path: Path) -> None:
    tour = snippets(README.read_text(encoding="utf-8"), TOUR)
    again = Snippet("act feedback/$REPORT accept $OFFICER 2 '{}'", ("stale",))
    follow([*tour, again], system.port, tmp_path)


def follow(tour: list[Snippet], port: int, folder: Path, shell: str = "bash") -> None:
    """Runs all snippets in one shell, as a reader would type them, on this port in place of the usual one."""
    mark = "----8<----"
    commands = [re.sub(r"(localhost|127\.0\.0\.1):8080", rf"\1:{port}", each.commands) for each in tour]
    script = folder / "tour.sh"
    script.write_text("set -eu\n" + f"\necho '{mark}'\n".join(commands) + "\n", encoding="utf-8")
    result = subprocess.run(
        [shell, str(script)],
        env=os.environ | {"CCHC_PORT": str(port)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    output = result.stdout.split(f"{mark}\n")
    number, answers = len(output), Answers()
    assert result.returncode == 0, f"snippet {number} of the tour failed:\n{tour[number - 1].commands}\n{result.stderr}"
    for number, (snippet, said) in enumerate(zip(tour, output, strict=True), 1):
        for expected in snippet.expected:
            assert expected in said, f"snippet {number} of the tour:\n{snippet.commands}\nsaid:\n{said}"
        differences = answers.differences(snippet.answer, said) if snippet.answer else []
        assert not differences, f"snippet {number} of the tour:\n{snippet.commands}\nsaid:\n{said}\n{differences}"
