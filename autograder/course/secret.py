"""The course's secret, the hidden seed derived from it, and the folder for hidden values."""

import contextlib
import hashlib
import json
import os
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CommandError
from autograder.files.private import write_private
from pset.files import write_whole

VARIABLE = "PSET_SECRET"
FILE = ".course-secret"
SHORTEST = 16
OWNER = ".secret-of-these-results.json"
"""In RESULTS: where the secret lay that they were graded with, and a hash to know it by."""


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
        """The hidden seed. Each check mixes in its exercise (see `Check.cases`)."""
        return int.from_bytes(self._digest("seed")[:8], "big") >> 1

    @property
    def cache(self) -> Path:
        """A private folder for the hidden seed's references."""
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return base / "pset-autograder" / self._digest("cache").hex()[:24]

    @property
    def known_by(self) -> str:
        """A hash that tells it from another secret, and tells nothing of it."""
        return self._digest("results").hex()

    def _digest(self, purpose: str) -> bytes:
        return hashlib.sha256(purpose.encode() + b"\0" + self.content).digest()


def find_secret(given: Path | None, results: Path) -> Secret:
    """Find the secret: the named file, `$PSET_SECRET`, `.course-secret`, or a new one in RESULTS.

    Raises:
        CommandError: a named file doesn't exist, or is too short.
    """
    return _existing(given, results) or _new(results)


def secret_of_results(given: Path | None, results: Path) -> Secret:
    """As `find_secret`, but never another one than these results were graded with.

    With another secret a class is graded on other inputs, and marks change that were given back.

    Raises:
        CommandError: as `find_secret`; or it is another one. Says which these results belong to.
    """
    found = _existing(given, results)
    if any(results.glob("*/*/results.json")):
        _refuse_another(found, results)
    found = found or _new(results)
    # A path that isn't UTF-8 can only be written as ASCII.
    note = {"path": str(found.path.absolute()), "known_by": found.known_by}
    write_whole(results / OWNER, json.dumps(note).encode() + b"\n")
    return found


def _existing(given: Path | None, results: Path) -> Secret | None:
    named = given or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None and not named.is_file():
        raise CommandError(
            f"There's no secret file {named}. Create one with\n"
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
    return None


def _new(results: Path) -> Secret:
    path = results / FILE
    content = secrets.token_hex(32).encode()
    write_private(path, content + b"\n")
    return Secret(content, path, is_new=True)


def _refuse_another(found: Secret | None, results: Path) -> None:
    path, known_by = "", ""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads((results / OWNER).read_bytes())
        path, known_by = str(note["path"]), str(note["known_by"])
    if found is not None and known_by in ("", found.known_by):
        return
    now = f"{found.path} is another one" if found is not None else "none is named now"
    if path:
        theirs = f"belong to the secret {path}, and {now}"
        do = f"Name it:\n  export {VARIABLE}={shlex.quote(path)}\n"
        if not Path(path).is_file():
            do = f"It's no longer there. Name the file's new path, with ${VARIABLE} or "
            do += "--secret.\n"
    else:
        theirs = f"belong to a secret, and {now}"
        do = f"Name its file, with ${VARIABLE} or --secret.\n"
    raise CommandError(
        f"The results in {results} {theirs}. With another secret everybody would be graded again, "
        f"on other inputs. {do}To grade with another secret all the same, name another folder with "
        "--out.",
        usage=True,
    )


def private_folder(path: Path) -> Path:
    """Create a folder that no other user can read."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path
