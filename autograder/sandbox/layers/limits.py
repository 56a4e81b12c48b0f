"""Resource limits for a student process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Resource limits. The grader enforces the time limits, the kernel the rest.

    Args:
        notebook_seconds: for running a notebook's cells.
        call_seconds: for one call of a function; a check may ask for less.
        grace_seconds: extra time for the process to stop by itself before it's killed.
        cpu_seconds: of processor time, for the whole process.
        memory: bytes of address space.
        file_size: bytes of the largest file.
        open_files: how many at once.
        threads: how many at once.
        disk: size of its folder in bytes, if it can have one.
    """

    notebook_seconds: float = 60
    call_seconds: float = 60
    grace_seconds: float = 3
    cpu_seconds: int = 600
    memory: int = 6 << 30
    file_size: int = 64 << 20
    open_files: int = 256
    threads: int = 64
    disk: int = 256 << 20


def confine(limits: Limits) -> None:
    """Apply the limits to this process, permanently."""
    import resource  # Windows imports this file too, but doesn't have it

    for what, value in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):
            continue  # macOS doesn't have all of them
