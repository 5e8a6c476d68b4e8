"""The tables are those of the models, and can be taken back."""

from typing import Any

import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_up_down_and_in_step_with_the_models(database: Any) -> None:
    config = alembic_config("tasks", database.url("tasks"))
    command.check(config)
    command.downgrade(config, "base")
    command.upgrade(config, "head")
    command.check(config)
