"""The use case of a system that sends a whole day in one file."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from anyio import CapacityLimiter, WouldBlock, to_thread
from pydantic import BaseModel

from cchc_shared.http.access import Principal
from cchc_shared.http.problems import overloaded
from dossiers_api.intake import views
from dossiers_api.intake.lines import lines
from dossiers_api.intake.schemas import MOST_AT_ONCE, DossierResultStatus, LinesTaken
from dossiers_api.intake.service import Intake

FILES_AT_ONCE: Final = 8
"""Of one process: each stands on its disk while it is read."""


@dataclass(frozen=True, slots=True)
class Days:
    """A file is taken a thousand lines at a time, in a transaction of their own. What was taken is a repeat when it
    comes again: whoever was broken off sends the same file again."""

    intake: Intake
    places: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FILES_AT_ONCE))

    def place(self, held: ExitStack) -> None:
        """Keep a place for one file as long as `held` is. Raises 503."""
        try:
            self.places.acquire_on_behalf_of_nowait(held)
        except WouldBlock as error:
            raise overloaded(retry_after=5) from error
        held.callback(self.places.release_on_behalf_of, held)

    async def take(self, file: Path, sent_by: Principal, language: str, *, packed: bool) -> AsyncIterator[BaseModel]:
        """What is wrong with a line, as soon as it is known, and after each transaction how far it has come."""
        counted: Counter[DossierResultStatus] = Counter()
        number = 0
        read = lines(file, MOST_AT_ONCE, packed=packed)
        while batch := await to_thread.run_sync(next, read, ()):
            for line, outcome in zip(
                batch, await self.intake.take([each.item for each in batch], sent_by), strict=True
            ):
                counted[outcome.status] += 1
                number = line.number
                if outcome.problem is not None:
                    yield views.refused(number, outcome, outcome.problem, language)
            yield _so_far(number, counted, done=False)
        yield _so_far(number, counted, done=True)


def _so_far(number: int, counted: Counter[DossierResultStatus], *, done: bool) -> LinesTaken:
    return LinesTaken(lines=number, done=done, **{status.value: counted[status] for status in DossierResultStatus})
