"""Grade submissions on a cluster worker, with the same isolation as on any other computer.

Everything needed for judging is sent once, as bytes. The warm parent starts with the first
submission, and ends when the worker has been idle for a while.
"""

import platform
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker

from autograder.challenge.contest import Challenge
from autograder.course.secret import Secret
from autograder.errors import CommandError
from autograder.files.disk import writing
from autograder.grading.assignment import Assignment, hash_of_code
from autograder.grading.grade_one import Graded, grade_one
from autograder.grading.work import Work
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.layers.view import exposed
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.scratch import Scratch
from pset.course import course_file

IDLE_SECONDS = 60
PACKAGES = ("torch", "numpy", "distributed")


@dataclass(frozen=True, repr=False)
class Course:
    """Everything a worker needs to know. For the trusted side only.

    Args:
        seed: the hidden one.
        assignments: name → exercises and questions with their points, its key, and the challenge
            if it has one.
        references: name → content, for each file of expected values.
        limits: of each student's process.
        isolation: layers to use for it.
    """

    seed: int
    assignments: dict[str, tuple[dict[str, float], dict[str, float], str, Challenge | None]]
    references: dict[str, bytes]
    limits: Limits | None
    isolation: Isolation

    @classmethod
    def pack(
        cls,
        secret: Secret,
        assignments: Mapping[str, Assignment],
        limits: Limits | None,
        isolation: Isolation,
    ) -> "Course":
        """Collect what these assignments need."""
        needed = {
            name: (a.exercises, a.questions, a.key, a.challenge) for name, a in assignments.items()
        }
        exercises = sorted({e for a in assignments.values() for e in a.exercises})
        files = [secret.cache / f"{exercise}.safetensors" for exercise in exercises]
        references = {file.name: file.read_bytes() for file in files if file.is_file()}
        return cls(secret.seed, needed, references, limits, isolation)

    def unpack(self) -> dict[str, Assignment]:
        """Prepare the assignments on this worker."""
        scratch = Scratch()
        try:
            for name, data in self.references.items():
                (scratch.path / name).write_bytes(data)
            return {
                name: Assignment.load(scratch.path, self.seed, *rest)
                for name, rest in self.assignments.items()
            }
        finally:
            scratch.close()


@dataclass(frozen=True)
class About:
    """What must be the same on all computers, because marks could differ otherwise."""

    code: str = field(default_factory=hash_of_code)
    python: str = field(default_factory=platform.python_version)
    packages: dict[str, str] = field(default_factory=lambda: {p: version(p) for p in PACKAGES})
    course: bytes = field(default_factory=lambda: course_file().read_bytes())

    def differences(self, other: "About") -> list[str]:
        """The differences, in words."""
        found = [] if self.code == other.code else ["the code of this package"]
        if self.course != other.course:
            found.append("course.toml")
        if self.python != other.python:
            found.append(f"Python ({self.python} and {other.python})")
        return found + [
            f"{name} ({mine} and {other.packages[name]})"
            for name, mine in self.packages.items()
            if mine != other.packages[name]
        ]


class WorkerState(WorkerPlugin):
    """A worker's state. Each worker has one per run.

    Args:
        name: of the run.
        course: what the worker needs to know.
    """

    def __init__(self, name: str, course: Course) -> None:
        self.name = name
        self._course = course

    def setup(self, worker: Worker) -> None:
        """Called on the worker, before anything is sent."""
        self._private = Path(worker.local_directory)
        self._lock = threading.Lock()
        self._busy = 0
        self._assignments: dict[str, Assignment] | None = None
        self._sandbox: Sandbox | None = None
        self._rest: threading.Timer | None = None

    def teardown(self, worker: Worker) -> None:
        """Called when the run or the worker ends."""
        with self._lock:
            self._end()

    def grade(self, work: Work) -> tuple[Graded, Report]:
        """Grade a submission; also returns which layers isolated it."""
        with writing(), self._ready() as (assignments, sandbox):
            graded = grade_one(work, assignments[work.submission.assignment], sandbox)
            return graded, sandbox.report

    @contextmanager
    def _ready(self) -> Iterator[tuple[dict[str, Assignment], Sandbox]]:
        with self._lock:
            if self._rest is not None:
                self._rest.cancel()
            if self._assignments is None:
                self._assignments = self._course.unpack()
            if self._sandbox is None:
                if not self._course.isolation.trusted and exposed([self._private]):
                    raise CommandError(
                        f"Student code could read the worker's own folder {self._private}. Start "
                        "the worker with another --local-directory."
                    )
                self._sandbox = Sandbox(self._course.limits, self._course.isolation)
            self._busy += 1
        try:
            yield self._assignments, self._sandbox
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    # The run may have been killed without saying so.
                    self._rest = threading.Timer(IDLE_SECONDS, self._end_if_idle)
                    self._rest.daemon = True
                    self._rest.start()

    def _end_if_idle(self) -> None:
        with self._lock:
            if not self._busy:
                self._end()

    def _end(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None


def grade_on_worker(run: str, work: Work) -> tuple[Graded, Report]:
    """Dask task: grade a submission on the worker that runs it, with its state for this run."""
    state = get_worker().plugins[run]
    assert isinstance(state, WorkerState)
    return state.grade(work)
