"""What came of a submission to the challenge, and what it's worth."""

from pydantic import BaseModel

from pset.challenge.measuring import Measured, in_words, why_not
from pset.challenge.settings import Settings
from pset.checks.calling import Status


class Entry(BaseModel):
    """One submission's measurements. Points aren't kept: they follow from the course's curves.

    Args:
        key: a hash of everything that they depend on.
        called: the name for the leaderboard, as the notebook gives it.
        status: of the last call's outcome: "returned" if all went well.
        where: the function that was called last: "train" or "sample".
        error: why it failed, for the student.
        distance, right, copies: see `Measured`.
        calls: of the network for a sample.
        train_seconds, sample_seconds: that both took.
        cpu_seconds: that its processes used.
    """

    key: str
    called: str = ""
    status: Status = "returned"
    where: str = ""
    error: str = ""
    distance: float = 0.0
    right: float = 0.0
    copies: float = 0.0
    calls: float = 0.0
    train_seconds: float = 0.0
    sample_seconds: float = 0.0
    cpu_seconds: float = 0.0

    @property
    def is_scored(self) -> bool:
        """Whether there are samples that were measured."""
        return self.status == "returned"

    def share(self, settings: Settings) -> float:
        """The share of the points that it earns."""
        if not self.is_scored:
            return 0.0
        return settings.share(self.distance, self.calls, self.copies)

    def in_words(self, settings: Settings) -> str:
        """What came of it, for the student."""
        if self.is_scored:
            return in_words(Measured(self.distance, self.right, self.copies), self.calls, settings)
        return why_not(self.status, self.where, self.error)
