"""What isolation is wished for."""

from dataclasses import dataclass

NAMESPACES = "namespaces"
LANDLOCK = "Landlock"
SECCOMP = "seccomp"
ACCOUNT = "another account"
LIMITS = "limits"
GROUPS = "control groups"

LAYERS = (NAMESPACES, LANDLOCK, SECCOMP, ACCOUNT, LIMITS, GROUPS)


@dataclass(frozen=True)
class Isolation:
    """Which layers to use, where the host has them.

    Args:
        off: layers to leave out: for tests, and to measure what each costs.
        trusted: go on even where the layers that are on cannot hold the trust line. For an
            instructor who knows everybody whose code is run.
    """

    off: tuple[str, ...] = ()
    trusted: bool = False

    def wants(self, layer: str) -> bool:
        """Whether this layer is wished for."""
        return layer not in self.off
