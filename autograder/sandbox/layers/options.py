"""Options for isolation."""

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
    """Which layers to use, if the host has them.

    Args:
        off: layers to leave out, for tests and to measure what each one costs.
        trusted: continue even if the layers aren't enough for untrusted code. For instructors who
            know everyone whose code they run.
    """

    off: tuple[str, ...] = ()
    trusted: bool = False

    def wants(self, layer: str) -> bool:
        """Whether this layer should be used."""
        return layer not in self.off
