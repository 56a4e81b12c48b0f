"""Where submissions are graded: on this computer in threads, or wherever an `Executor` takes them.

The other executor is `autograder.cluster.client.Cluster`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from autograder.course.secret import Secret
from autograder.grading.assignment import Assignment
from autograder.grading.grade_one import Graded, grade_one
from autograder.grading.work import Work
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report
from autograder.sandbox.sandbox import Sandbox

Grade = Callable[[Iterable[Work]], Iterator[tuple[Work, Graded, Report | None]]]
"""Grades submissions, and yields each when it's done, with the layers that isolated it.

It takes the next submission only when it has a place for it, so few are in memory at a time."""


class Executor(Protocol):
    """A way of grading many submissions."""

    @property
    def isolation(self) -> Isolation:
        """How student code is isolated."""

    def ready(
        self, assignments: Mapping[str, Assignment], secret: Secret
    ) -> AbstractContextManager[Grade]:
        """Get ready to grade. If the block is left by an exception, unfinished work is dropped.

        Args:
            assignments: prepared, by name.
            secret: of the course.

        Raises:
            CommandError: it can't grade, now or later.
        """


@dataclass(frozen=True)
class Threads:
    """Grades on this computer.

    Args:
        jobs: how many submissions at once.
        limits: of each student's process.
        isolation: layers to use for it; by default all that the computer offers.
    """

    jobs: int = 1
    limits: Limits | None = None
    isolation: Isolation = field(default_factory=Isolation)

    @contextmanager
    def ready(self, assignments: Mapping[str, Assignment], secret: Secret) -> Iterator[Grade]:
        """As `Executor.ready`."""
        with Sandbox(self.limits, self.isolation) as sandbox:
            pool = ThreadPoolExecutor(self.jobs)

            def submit(work: Work) -> Future[Graded]:
                assignment = assignments[work.submission.assignment]
                return pool.submit(grade_one, work, assignment, sandbox)

            def grade(works: Iterable[Work]) -> Iterator[tuple[Work, Graded, Report | None]]:
                works = iter(works)
                waiting: dict[Future[Graded], Work] = {}
                while True:
                    for work in islice(works, self.jobs - len(waiting)):
                        waiting[submit(work)] = work
                    if not waiting:
                        return
                    # A Ctrl-C just before a wait would only be heard after it: wait in turns.
                    done = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED).done
                    for future in done:
                        report = sandbox.report if sandbox.report.on else None
                        yield waiting.pop(future), future.result(), report

            try:
                yield grade
            except BaseException:
                sandbox.stop()  # those that are at it would go on for minutes
                raise
            finally:
                pool.shutdown(cancel_futures=True)
