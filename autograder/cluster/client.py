"""Grade on a Dask cluster: send submissions to workers, and collect the results.

If a worker dies, nothing is lost: another one takes over. Results are only written here.
"""

import asyncio
import concurrent.futures
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Self

from autograder.errors import CommandError

try:
    from distributed import Client, Future, wait
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker
except ImportError as error:
    raise CommandError(
        "Grading on a cluster needs Dask: run pip install '.[instructor,cluster]', here and on "
        "every worker.",
        usage=True,
    ) from error

from autograder.cluster.worker import About, Course, WorkerState, grade_on_worker
from autograder.course.secret import Secret
from autograder.grading.assignment import Assignment
from autograder.grading.executor import Grade
from autograder.grading.grade_one import Graded, failed
from autograder.grading.work import Work
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.sandbox.layers.report import Report

CONNECT_SECONDS = 15
LOOK_SECONDS = 5
NOBODY_SECONDS = 90
"""How long to wait for a worker if there are none left."""

LOST = (
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
    CommClosedError,
    OSError,
    TimeoutError,
)


Task = Callable[[str, Work], tuple[Graded, Report]]
"""What a worker does with a submission, given the name of the run."""


@dataclass(frozen=True)
class Cluster:
    """Grades on a Dask cluster; an `autograder.grading.executor.Executor`.

    Args:
        address: of its scheduler, such as `tcp://host:8786`, or `tls://…` with certificates as
            Dask's settings say.
        limits: of each student's process.
        isolation: layers to use for it.
        task: what a worker does with a submission.
    """

    address: str
    limits: Limits | None = None
    isolation: Isolation = field(default_factory=Isolation)
    task: Task = grade_on_worker

    @contextmanager
    def ready(self, assignments: Mapping[str, Assignment], secret: Secret) -> Iterator[Grade]:
        """As `Executor.ready`. The secret's hidden values are sent to the scheduler and workers.

        Raises:
            CommandError: nothing answers, there are no workers, or they have different code.
        """
        course = Course.pack(secret, assignments, self.limits, self.isolation)

        def grade(works: Iterable[Work]) -> Iterator[tuple[Work, Graded, Report | None]]:
            for work, graded, report in connection.grade(works):
                if isinstance(graded, str):
                    graded = failed(work, assignments[work.submission.assignment], graded)
                yield work, graded, report

        with Connection(self.address, course, self.task) as connection:
            yield grade


class Connection:
    """A connection to a scheduler for one run, as a context manager.

    Args:
        address: as for `Cluster`.
        course: what workers need to know. It's sent to the scheduler and to the workers.
        task: what a worker does with a submission.
    """

    def __init__(self, address: str, course: Course, task: Task) -> None:
        self._address, self._course, self._task = address, course, task
        self._name = f"grade-{uuid.uuid4().hex}"

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            CommandError: nothing answers, there are no workers, or they have different code.
        """
        try:
            self._client = Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (ValueError, ImportError) as error:
            raise CommandError(
                f"{self._address!r} isn't the address of a scheduler, such as "
                f"tcp://host:8786. ({error})",
                usage=True,
            ) from error
        except LOST as error:
            raise CommandError(
                f"No scheduler answers at {self._address}. Start one with `dask scheduler`, and "
                f"workers with `dask worker {self._address}`."
            ) from error
        try:
            self._compare()
            self._client.register_plugin(WorkerState(self._name, self._course), name=self._name)
        except BaseException:
            self._client.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._client.unregister_worker_plugin(self._name)
        except LOST:
            pass  # workers finish what they've started
        finally:
            self._client.close()

    def grade(self, works: Iterable[Work]) -> Iterator[tuple[Work, Graded | str, Report | None]]:
        """Grade submissions, and yield each one when it's done, with the layers that were on.

        Only a few are in progress at a time, so memory use doesn't grow with their number.

        Yields:
            A submission; its grade, or the reason why it has none; and the layers that were on.

        Raises:
            CommandError: the cluster is gone, or a worker fails in a way that all would.
        """
        works = iter(works)
        waiting: dict[Future, Work] = {}
        self._seen = time.monotonic()
        try:
            while True:
                for work in islice(works, max(0, self._places() - len(waiting))):
                    waiting[self._send(work)] = work
                if not waiting:
                    return
                for future in self._done(waiting):
                    yield waiting.pop(future), *self._result(future)
        finally:
            for future in waiting:
                future.cancel()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except LOST as error:
            raise CommandError(
                f"Lost the connection to {self._address}. Everything graded so far is kept; run "
                "the same command to resume."
            ) from error

    def _send(self, work: Work) -> Future:
        key = f"{self._name}-{work.submission.assignment}-{work.submission.student}"
        with self._connected():
            return self._client.submit(self._task, self._name, work, key=key, pure=False)

    def _places(self) -> int:
        """How many submissions may be in progress: each worker also has one waiting."""
        with self._connected():
            return 2 * max(1, sum(self._client.nthreads().values()))

    def _done(self, waiting: Iterable[Future]) -> set[Future]:
        try:
            with self._client.as_current():
                return wait(list(waiting), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            with self._connected():
                workers = self._client.nthreads()
            if workers:
                self._seen = time.monotonic()
            elif time.monotonic() - self._seen > NOBODY_SECONDS:
                raise CommandError(
                    f"All workers of {self._address} are gone. Everything graded so far is kept; "
                    "start new workers, and run the same command to resume."
                ) from None
            return set()
        except LOST:
            return {future for future in waiting if future.done()}  # whose results say so

    def _result(self, future: Future) -> tuple[Graded | str, Report | None]:
        try:
            with self._connected():
                return future.result()
        except KilledWorker:
            return (
                "Every worker that tried to grade this submission died, so it was given up. "
                "Check the workers' logs; they may have too little memory.",
                None,
            )
        except CommandError:
            raise
        except Exception as error:
            return "".join(traceback.format_exception(error)), None

    def _compare(self) -> None:
        """Make sure that all computers have the same code and packages.

        Raises:
            CommandError: they don't; says which one, and what's different.
        """
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except LOST as error:
            raise CommandError(
                f"The scheduler {self._address} has no workers. Start some with `dask worker "
                f"{self._address}`."
            ) from error
        here = About()
        for worker, there in self._client.run(About, on_error="return").items():
            if isinstance(there, About):
                differences = here.differences(there)
            else:
                differences = [f"this package, which can't be used there ({there})"]
            if differences:
                raise CommandError(
                    f"This computer and the worker {worker} differ in "
                    f"{', '.join(differences)}, so marks could differ too. Give all of them the "
                    "same checkout and packages, and restart the workers."
                )
        theirs = self._client.get_versions()["scheduler"]["packages"]["distributed"]
        if theirs != here.packages["distributed"]:
            raise CommandError(
                f"This computer has Dask {here.packages['distributed']}, the scheduler {theirs}. "
                "Install the same version on both."
            )
