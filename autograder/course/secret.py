"""The course's secret, the hidden seed derived from it, and the folder for hidden values."""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CommandError
from pset.checks.references import write_whole

VARIABLE = "PSET_SECRET"
FILE = ".course-secret"
SHORTEST = 16


@dataclass(frozen=True, repr=False)
class Secret:
    """The content of a file that only the course has. It's never printed and never passed on.

    Args:
        content: of the file.
        path: of the file.
        is_new: whether it was created just now.
    """

    content: bytes
    path: Path
    is_new: bool = False

    @property
    def seed(self) -> int:
        """The hidden seed. Each check mixes its exercise in by itself (see `Check.cases`)."""
        return int.from_bytes(self._digest("seed")[:8], "big") >> 1

    @property
    def cache(self) -> Path:
        """A private folder for the hidden seed's references."""
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return base / "pset-autograder" / self._digest("cache").hex()[:24]

    def _digest(self, purpose: str) -> bytes:
        return hashlib.sha256(purpose.encode() + b"\0" + self.content).digest()


def find_secret(given: Path | None, results: Path) -> Secret:
    """Find the secret: the named file, `$PSET_SECRET`, `.course-secret`, or a new one in RESULTS.

    Raises:
        CommandError: a named file doesn't exist, or is too short.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None and not named.is_file():
        raise CommandError(
            f"There is no secret file {named}. Create one with\n"
            f'  python -c "import secrets; print(secrets.token_hex(32))" > {named}',
            usage=True,
        )
    for path in (named, Path(FILE), results / FILE):
        if path is not None and path.is_file():
            content = path.read_bytes().strip()
            if len(content) < SHORTEST:
                raise CommandError(
                    f"The secret in {path} has only {len(content)} bytes, so it could be guessed. "
                    f"Use at least {SHORTEST}.",
                    usage=True,
                )
            return Secret(content, path)
    path = results / FILE
    content = secrets.token_hex(32).encode()
    write_whole(path, content + b"\n")
    path.chmod(0o600)
    return Secret(content, path, is_new=True)


def private_folder(path: Path) -> Path:
    """Create a folder that no other user can read."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
