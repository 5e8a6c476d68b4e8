"""Index sets are loaded once, from files, at the start of a worker."""

from pathlib import Path

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.assembly import opened
from scoring_worker.bootstrap import FEATURES
from scoring_worker.index_sets.document import load
from scoring_worker.loading.feature import load_index_sets
from scoring_worker.settings import ScoringSettings
from scoring_worker.workbooks.writing import write

CITY = Path(__file__).parents[4] / "data" / "index_sets" / "cchc-city.yaml"


async def test_each_file_is_loaded_once_and_a_faulty_one_refused(
    settings: ScoringSettings, clock: FixedClock, tmp_path: Path
) -> None:
    (tmp_path / "city.yaml").write_bytes(CITY.read_bytes())
    (tmp_path / "faulty.yaml").write_text("code: X")
    (tmp_path / "not-text.yaml").write_bytes(b"\xff")
    (tmp_path / "hp212.xlsx").write_bytes(write(load((CITY.parent / "hp212.yaml").read_text()).index_set, clock.now()))
    (tmp_path / "faulty.xlsx").write_bytes(b"PK")
    here_settings = settings.model_copy(update={"index_sets": tmp_path})
    async with opened("seed", here_settings, FEATURES, clock) as here:
        first, second = await load_index_sets(here), await load_index_sets(here)
    assert (first["city.yaml"], second["city.yaml"]) == ("loaded", "known")
    assert (first["hp212.xlsx"], second["hp212.xlsx"]) == ("loaded", "known")
    assert {first[name].split(":")[0] for name in ("faulty.yaml", "not-text.yaml", "faulty.xlsx")} == {"refused"}


async def test_changed_content_under_the_same_version_is_refused(
    settings: ScoringSettings, clock: FixedClock, tmp_path: Path
) -> None:
    here_settings = settings.model_copy(update={"index_sets": tmp_path})
    async with opened("seed", here_settings, FEATURES, clock) as here:
        (tmp_path / "city.yaml").write_bytes(CITY.read_bytes())
        await load_index_sets(here)
        (tmp_path / "city.yaml").write_text(CITY.read_text().replace("max: 30", "max: 31"))
        assert (await load_index_sets(here))["city.yaml"].startswith("refused")
