"""What the city's document `webhook_rules.yaml` says of webhooks."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from cchc_shared.contract.provenance import Sourced, Versioned
from cchc_shared.contract.yaml_text import read_document


class WebhookRules(Versioned, frozen=True, kw_only=True):
    """The whole document. After the last of the pauses a delivery is given up."""

    pauses_seconds: Sourced[tuple[int, ...]]
    longest_pause_hours: Sourced[int]
    disabled_after_days: Sourced[int]
    secrets_overlap_hours: Sourced[int]
    kept_days: Sourced[int]
    most_webhooks: Sourced[int]

    @classmethod
    def load(cls, profile: Path) -> Self:
        """Read it from the folder of the city's documents."""
        return read_document(profile / "webhook_rules.yaml", cls)

    @property
    def pauses(self) -> tuple[timedelta, ...]:
        return tuple(timedelta(seconds=each) for each in self.pauses_seconds.value)

    @property
    def longest_pause(self) -> timedelta:
        """The longest for which a receiver may ask."""
        return timedelta(hours=self.longest_pause_hours.value)

    @property
    def disabled_after(self) -> timedelta:
        return timedelta(days=self.disabled_after_days.value)

    @property
    def overlap(self) -> timedelta:
        """So long a secret that was replaced signs beside the new one."""
        return timedelta(hours=self.secrets_overlap_hours.value)

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.kept_days.value)
