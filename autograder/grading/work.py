"""A submission with the bytes of its files, ready to be graded here or on another computer."""

import hashlib
from dataclasses import dataclass, field

from autograder.challenge.entry import Entry
from autograder.grading.late import Lateness
from autograder.submission.file import read_bytes
from autograder.submission.find import Submission, candidates
from autograder.submission.notebook import MAX_BYTES, Unreadable
from autograder.text import on_one_line, printable

Files = tuple[tuple[str, bytes], ...]
"""Names and contents."""


@dataclass(frozen=True)
class Work:
    """A submission to grade.

    Args:
        submission: what was found.
        files: the ones that may be the notebook, the likeliest first; none if there's trouble.
        trouble: why there are none.
        key: a hash of everything that determines the grade.
        late: how late it was handed in.
        competes: whether its challenge is run, if it has one.
        entry: in the challenge, from an earlier grade.
    """

    submission: Submission
    files: Files
    trouble: str | None
    key: str
    late: Lateness = field(default_factory=Lateness)
    competes: bool = False
    entry: Entry | None = None


def read_work(submission: Submission, assignment_key: str, late: Lateness | None = None) -> Work:
    """Read a submission's files; if they can't be read, the work says why.

    Args:
        submission: from `find_submissions`.
        assignment_key: `Assignment.key`.
        late: how late it is; by default it isn't.
    """
    late = late or Lateness()
    files, trouble = _read(submission)
    digests = [f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in files]
    known = [
        assignment_key,
        "\n".join(digests) or str(trouble),
        late.model_dump_json(exclude_defaults=True),
        *submission.remarks,
    ]
    key = hashlib.sha256(" ".join(known).encode("utf-8", "replace")).hexdigest()
    return Work(submission, files, trouble, key, late)


def _read(submission: Submission) -> tuple[Files, str | None]:
    """The candidate files, the most likely first, or what's wrong."""
    files: list[tuple[str, bytes]] = []
    try:
        for path in candidates(submission):
            if sum(len(data) for _, data in files) > MAX_BYTES // 2:
                break  # of so large a submission only the likeliest
            try:
                files.append((on_one_line(path.name), read_bytes(path)))
            except (Unreadable, OSError):
                if not files:
                    raise
    except Unreadable as error:
        return (), printable(str(error))
    except OSError as error:
        return (), f"The submission can't be read: {error.strerror}."
    return tuple(files), None
