"""Which layers are on, what they promise together, and whether that is enough."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from autograder.sandbox.layers.options import ACCOUNT, LANDLOCK, LIMITS, NAMESPACES, SECCOMP

PROMISES: dict[str, tuple[frozenset[str], ...]] = {
    "nothing worth stealing can be read": (frozenset({NAMESPACES}), frozenset({LANDLOCK})),
    "nothing that lasts can be written": (frozenset({NAMESPACES}), frozenset({LANDLOCK})),
    "there is no network": (frozenset({NAMESPACES}), frozenset({SECCOMP})),
    "no other process can be signalled or traced": (
        frozenset({NAMESPACES}),
        frozenset({SECCOMP}),
    ),
    "nothing outlives the submission": (frozenset({NAMESPACES}), frozenset({SECCOMP})),
    # Limits are counted for each process, so they say little unless there is only one.
    "time and memory are limited": (frozenset({LIMITS, SECCOMP}),),
    "threads are limited": (frozenset({LIMITS, ACCOUNT}),),
}
"""The trust line, promise by promise: each holds if one of its sets of layers is on."""


@dataclass
class Report:
    """What the warm parent found.

    Args:
        on: layers that are on, with a word on how: "Landlock" → "ABI 7".
        missing: layers that are not → why.
        breaches: what code inside the finished isolation could do all the same, when it tried.
    """

    on: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)

    @property
    def broken_promises(self) -> list[str]:
        """Promises that the layers cannot keep, and those seen to be broken."""
        on = frozenset(self.on)
        unkept = [p for p, ways in PROMISES.items() if not any(way <= on for way in ways)]
        return unkept + self.breaches

    @property
    def holds(self) -> bool:
        """Whether untrusted work may be run."""
        return not self.broken_promises

    @property
    def layers(self) -> list[str]:
        """The layers that are on, with a word on how."""
        return [f"{name} ({how})" if how else name for name, how in self.on.items()]

    def in_words(self) -> str:
        """One line for a person: the layers that are on."""
        return ", ".join(self.layers) or "nothing"

    def why_not(self) -> str:
        """Why untrusted work is not graded here, and what can be done."""
        return "\n".join(
            [
                "Student code cannot be kept apart well enough on this computer:",
                *_items(f"not so: {promise}" for promise in self.broken_promises),
                *_items(f"{layer} is off: {reason}" for layer, reason in self.missing.items()),
                "Grade on Linux 5.13 or newer (a container will do), as root or as an ordinary "
                "user, with `pip install py-landlock pyseccomp`. If you know and trust everybody "
                "whose code this is, say --trusted.",
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """For the line that the warm parent sends."""
        return asdict(self)


def _items(lines: Sequence[str] | Any) -> list[str]:
    return [f"  - {line}" for line in lines]
