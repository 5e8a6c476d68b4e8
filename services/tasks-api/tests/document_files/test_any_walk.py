"""Whatever is done with the files of a document, in any order: against a model of a plain list."""

from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.http import Json
from tests.support.tasks import Api

from ..evidence.papers import PDF
from .sending import add, assigned, kept, listed, read, registered, sweep, taken_back

FILES = [PDF.replace(b"1.4", b"1.%d" % at) for at in range(4)]
WALKS = st.lists(
    st.tuples(st.sampled_from(["add", "replace", "take back", "assign"]), st.integers(0, 3), st.integers(0, 5)),
    min_size=4,
    max_size=20,
)


@dataclass
class Entry:
    """A file as a reader must see it."""

    id: str
    content: bytes
    replaces: str | None = None
    removed: bool = False


@dataclass
class Walk:
    """One document, and what is done with it."""

    api: Api
    document: Json
    entries: list[Entry] = field(default_factory=list)
    in_use: bool = False

    def later(self, of: Entry) -> str | None:
        """What stands in its place."""
        return next((each.id for each in self.entries if each.replaces == of.id and not each.removed), None)

    def current(self) -> list[Entry]:
        return [each for each in self.entries if not each.removed and self.later(each) is None]

    async def take(self, action: str, which: int, place: int) -> None:
        """Do it to the document and to the model."""
        if action == "assign":
            await assigned(self.api, self.document)
            self.in_use = True
        elif action == "add":
            await self._add(FILES[which], None)
        elif place < len(self.entries):
            await (self._take_back if action == "take back" else self._replace)(self.entries[place], which)

    async def _add(self, content: bytes, former: Entry | None) -> None:
        words = {} if former is None else {"replaces": former.id}
        answer = await add(self.api, self.document, content, **words)
        same = next((each for each in self.current() if each.content == content), None)
        if same is not None:
            known = former is None or same.replaces == former.id
            assert answer.status_code == (201 if known else 422)
            assert not known or answer.json()["id"] == same.id
        elif former is not None and former not in self.current():
            assert answer.status_code == 422, answer.text
        else:
            assert answer.status_code == 201, answer.text
            self.entries.append(Entry(answer.json()["id"], content, words.get("replaces")))

    async def _replace(self, former: Entry, which: int) -> None:
        await self._add(FILES[which], former)

    async def _take_back(self, entry: Entry, _: int) -> None:
        answer = await taken_back(self.api, self.document, {"id": entry.id})
        if entry.removed:
            assert answer.status_code == 404
        else:
            assert answer.status_code == (409 if self.in_use else 204)
            entry.removed = not self.in_use

    async def check(self) -> None:
        """What is seen is what the model says."""
        shown = await listed(self.api, self.document)
        said = [(each["id"], each["replaced_by"], each["removed_at"] is not None) for each in shown]
        assert said == [(each.id, self.later(each), each.removed) for each in self.entries]
        assert [each["name"] for each in shown] == [f"van-ban-{at + 1}.pdf" for at in range(len(shown))]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=WALKS)
async def test_any_walk_is_what_the_model_says(city: Api, stored: Path, walk: list[tuple[str, int, int]]) -> None:
    here = Walk(city, await registered(city))
    for step in walk:
        await here.take(*step)
        await here.check()
    await sweep(city)
    standing = {each.content for each in here.entries if not each.removed}
    folder = stored / str(here.document["code"])
    assert sorted(file.read_bytes() for file in kept(folder)) == sorted(standing), "no byte too many or too few"
    for each in here.entries:
        answer = await read(city, here.document, {"id": each.id})
        assert answer.status_code == (404 if each.removed else 200)
        assert each.removed or answer.content == each.content
