"""What people wrote in a season is verified offline by what was published, which does not hold the words."""

from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from scoring_worker.ledger.__main__ import main as verify
from scoring_worker.seasons.domain import DATES
from tests.support.scoring import ScoringService
from tests.support.seasons import SET, WEEK, Caller, criterion, unit

EXPLAINED, OBJECTED = "hai nhiệm vụ đã được gia hạn", "một nhiệm vụ bị tính hai lần"


@pytest.fixture
async def board(service: ScoringService) -> Caller:
    await service.apply([unit("so-a"), unit("so-b")])
    assert (await service.load(SET)).status_code == 201
    return Caller(service, ("scoring_board",))


async def test_words_are_verified_by_their_hashes(board: Caller, clock: FixedClock, tmp_path: Path) -> None:
    head = Caller(board.service, ("unit_head",), "so-a")
    season = await board.open(kinds=["department"])
    own = {"criterion": "1.1", "points": 8, "evidence": {"documents": ["12/BC"], "text": "biên bản"}}
    await head.enter(season, "so-a", "self-scores", own)
    await head.enter(season, "so-a", "self-scores", {**own, "points": 9})
    clock.advance(WEEK)
    asked = {"criterion": "1.1", "points": 4, "remark": "chưa rõ", "explain": True}
    await board.enter(season, "so-a", "appraisals", asked)
    clock.advance(WEEK)
    card = await head.enter(season, "so-a", "explanations", {"criterion": "1.1", "text": EXPLAINED})
    clock.advance(WEEK * 3)
    await board.act(season, "publish")
    await head.enter(season, "so-a", "objections", {"criterion": "1.1", "reason": OBJECTED})
    await board.enter(season, "so-a", "rulings", {"criterion": "1.1", "upheld": False, "reason": "không có căn cứ"})

    first = await file(head, f"{season}/publication", tmp_path / "1.json")
    written = await file(head, f"{season}/units/so-a/entries?limit=200", tmp_path / "so-a.json")
    assert "biên bản" not in first.read_text("utf-8"), "the words are not published"
    hashes = {each["step"]: each["sha256"] for each in criterion(card, "1.1")["said"]}
    assert hashes["explanation"] in first.read_text("utf-8")
    assert verify([str(first), str(written)]) == 0
    for words in (EXPLAINED, "biên bản"):
        assert verify([str(first), str(changed(written, words))]) == 1
    # What was objected to comes after the publication: the next link of the chain has its hash.
    assert verify([str(first), str(changed(written, OBJECTED))]) == 0
    dates = {name: (clock.now() + WEEK * place).isoformat() for place, name in enumerate(DATES, start=1)}
    following = await board.open(kinds=["department"], period="2026-H2", **dates)
    clock.advance(WEEK * 5)
    await board.act(following, "publish")
    second = await file(head, f"{following}/publication", tmp_path / "2.json")
    both = [str(first), str(second)]
    assert verify([*both, str(written)]) == 0
    for words in (EXPLAINED, OBJECTED, "không có căn cứ"):
        assert verify([*both, str(changed(written, words))]) == 1
    others = await file(Caller(board.service, ("council",)), f"{season}/units/so-b/entries", tmp_path / "so-b.json")
    assert verify([*both, str(written), str(others)]) == 0


async def file(caller: Caller, path: str, to: Path) -> Path:
    answer = await caller.send("GET", path)
    assert answer.status_code == 200, answer.text
    return saved(answer.content, to)


def saved(content: bytes, to: Path) -> Path:
    to.write_bytes(content)
    return to


def changed(of: Path, words: str) -> Path:
    """The same file with other words."""
    text = of.read_text("utf-8")
    assert words in text
    other = of.with_name("changed.json")
    other.write_text(text.replace(words, f"{words}."), "utf-8")
    return other
