"""How the clocks of a report stand, as the guides say it: both that its sender was promised, and the holder's own."""

from dataclasses import dataclass

from .model import GO_ON, WAIT

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
        for name in ("acceptance", "resolution"):
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
        pairs = [self.promised] if self.own is None else [self.promised, self.own]
        for pair in pairs:
            match action:
                case "accept":
                    pair.stop("acceptance")
                case "approve_answer":
                    pair.stop("resolution")
                case "ask_supplement":
                    pair.turn("running", "paused")
                case "supplement":
                    pair.turn("paused", "running")
                case _ if action == GO_ON:
                    pair.turn("paused", "running")
                case _ if action == WAIT:
                    pair.turn("running", "overdue")
                case _ if action in ENDS:
                    pair.stop("acceptance")
                    pair.stop("resolution")
        if action == "reopen":
            self.promised = Pair()
        if action in PASSES_ON or action == "reopen":
            self.own = Pair()
