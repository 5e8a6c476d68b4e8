"""How the clocks of a report stand, as the guides say it: both that its sender was promised, and the holder's own."""

from dataclasses import dataclass

from .actions import GO_ON, WAIT

BOTH = ("acceptance", "resolution")
STOPS = {"accept": BOTH[:1], "approve_answer": BOTH[1:], "refuse": BOTH, "mark_duplicate": BOTH}
TURNS = {
    "ask_supplement": ("running", "paused"),
    "supplement": ("paused", "running"),
    GO_ON: ("paused", "running"),
    WAIT: ("running", "overdue"),
}
ENDS = frozenset({"refuse", "mark_duplicate"})
PASSES_ON = frozenset({"assign", "transfer", "return"})


@dataclass
class Pair:
    """To accept, and to answer: `running`, `paused`, `overdue`, or stopped and `met` or `missed`."""

    acceptance: str = "running"
    resolution: str = "running"

    def stop(self, name: str) -> None:
        """A clock stops once."""
        stood = getattr(self, name)
        setattr(self, name, {"running": "met", "paused": "met", "overdue": "missed"}.get(stood, stood))

    def turn(self, stood: str, then: str) -> None:
        """Whichever stands like that."""
        for name in BOTH:
            if getattr(self, name) == stood:
                setattr(self, name, then)


@dataclass
class Clocks:
    """`own` is None as long as the desk has it that it came to."""

    promised: Pair
    own: Pair | None = None

    @classmethod
    def of_new(cls) -> "Clocks":
        return cls(Pair())

    @property
    def holders(self) -> Pair:
        """Those that the holder is judged by."""
        return self.own or self.promised

    def missed(self, action: str) -> bool:
        """Whether the holder's duty to answer ends unmet when that is done."""
        return action in PASSES_ON | ENDS and self.holders.resolution == "overdue"

    def happen(self, action: str) -> None:
        """What an action, or time, does to them."""
        for pair in (self.promised, self.own):
            if pair is not None:
                pair.turn(*TURNS.get(action, ("", "")))
                for name in STOPS.get(action, ()):
                    pair.stop(name)
        if action == "reopen":
            self.promised = Pair()
        if action in PASSES_ON or action == "reopen":
            self.own = Pair()
