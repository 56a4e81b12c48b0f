"""Report which layers are on, what they guarantee together, and whether that's enough."""

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
    # Limits apply to each process separately, so they mean little if there can be several.
    "time and memory are limited": (frozenset({LIMITS, SECCOMP}),),
    "threads are limited": (frozenset({LIMITS, ACCOUNT}),),
}
"""The promises that isolation must keep: each one holds if one of its sets of layers is on."""


@dataclass
class Report:
    """What the warm parent found.

    Args:
        on: layers that are on, with a detail: "Landlock" → "version 7".
        missing: layers that are off → the reason.
        breaches: what code inside the finished isolation could still do when it tried.
    """

    on: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    breaches: list[str] = field(default_factory=list)

    @property
    def broken_promises(self) -> list[str]:
        """Promises that the layers can't keep, and breaches that were found."""
        on = frozenset(self.on)
        unkept = [p for p, ways in PROMISES.items() if not any(way <= on for way in ways)]
        return unkept + self.breaches

    @property
    def holds(self) -> bool:
        """Whether it's safe to run untrusted code."""
        return not self.broken_promises

    @property
    def layers(self) -> list[str]:
        """The layers that are on, with a detail on each."""
        return [f"{name} ({how})" if how else name for name, how in self.on.items()]

    def in_words(self) -> str:
        """The layers that are on, in one line."""
        return ", ".join(self.layers) or "nothing"

    def why_not(self) -> str:
        """Why untrusted code can't be graded here, and what to do."""
        return "\n".join(
            [
                "Student code can't be isolated well enough on this computer:",
                *_items(f"not guaranteed: {p}" for p in self.broken_promises if p in PROMISES),
                *_items(f"student code could {breach}" for breach in self.breaches),
                *_items(f"{layer} is off: {reason}" for layer, reason in self.missing.items()),
                "Grade on Linux 5.13 or newer (a container will do), as root or as an ordinary "
                "user, with `pip install py-landlock pyseccomp`. If you know and trust everyone "
                "whose code this is, use --trusted.",
            ]
        )

    def as_json(self) -> dict[str, Any]:
        """As JSON, for the line that the warm parent sends."""
        return asdict(self)


def _items(lines: Sequence[str] | Any) -> list[str]:
    return [f"  - {line}" for line in lines]
