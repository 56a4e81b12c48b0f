"""The course's secret, the hidden seed that follows from it, and where hidden values are kept."""

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
    """A file's content that only the course knows. It is never printed and never handed on.

    Args:
        content: of the file.
        path: where it lies.
        is_new: whether it was made just now.
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
    """The secret file that was named, `$PSET_SECRET`, `.course-secret`, or a new one in RESULTS.

    Raises:
        CommandError: a file that was named is not there, or holds too little.
    """
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None and not named.is_file():
        raise CommandError(
            f"There is no secret file {named}. Make one with\n"
            f'  python -c "import secrets; print(secrets.token_hex(32))" > {named}',
            usage=True,
        )
    for path in (named, Path(FILE), results / FILE):
        if path is not None and path.is_file():
            content = path.read_bytes().strip()
            if len(content) < SHORTEST:
                raise CommandError(
                    f"The secret in {path} has {len(content)} bytes and could be guessed; give it "
                    f"{SHORTEST} or more.",
                    usage=True,
                )
            return Secret(content, path)
    path = results / FILE
    content = secrets.token_hex(32).encode()
    write_whole(path, content + b"\n")
    path.chmod(0o600)
    return Secret(content, path, is_new=True)


def private_folder(path: Path) -> Path:
    """Make a folder that nobody else may look into."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
