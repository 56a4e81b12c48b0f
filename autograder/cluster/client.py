"""Grade on a Dask cluster: send submissions to workers, and take back what comes of them.

A worker that dies loses nothing: what it was at is done by another. What is written, and counted,
is written here alone.
"""

import asyncio
import concurrent.futures
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
        "Grading on a cluster needs Dask: pip install '.[instructor,cluster]', here and on every "
        "worker.",
        usage=True,
    ) from error

from autograder.cluster.worker import About, Course, Station, grade_here
from autograder.grading.grade_one import Graded, Work
from autograder.sandbox.layers.report import Report

CONNECT_SECONDS = 15
LOOK_SECONDS = 5
NOBODY_SECONDS = 90
"""How long to wait for a worker, when there is none any more."""

LOST = (
    asyncio.CancelledError,
    concurrent.futures.CancelledError,
    CommClosedError,
    OSError,
    TimeoutError,
)


class Cluster:
    """A connection to a scheduler, for one run. A context manager.

    Args:
        address: such as `tcp://host:8786`, or `tls://…` with certificates as Dask's settings say.
        course: what workers need to know. It goes to the scheduler and to workers.
        task: what a worker does with a submission.
    """

    def __init__(
        self,
        address: str,
        course: Course,
        task: Callable[[str, Work], tuple[Graded, Report]] = grade_here,
    ) -> None:
        self._address, self._course, self._task = address, course, task
        self._name = f"grade-{uuid.uuid4().hex}"

    def __enter__(self) -> Self:
        """Connect.

        Raises:
            CommandError: nobody answers, there are no workers, or they have other code.
        """
        try:
            self._client = Client(self._address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (ValueError, ImportError) as error:
            raise CommandError(
                f"{self._address!r} is not the address of a scheduler; that is like "
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
            self._client.register_plugin(Station(self._name, self._course), name=self._name)
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
            pass  # workers end by themselves what they have begun
        finally:
            self._client.close()

    def grade(self, works: Iterable[Work]) -> Iterator[tuple[Work, Graded | str, Report | None]]:
        """Have submissions graded; gives each as it is done, with the layers that were on.

        Few are on their way at a time, so that memory does not grow with their number.

        Yields:
            A submission; what came of it, or why nothing could; and the layers that were on.

        Raises:
            CommandError: the cluster is gone, or a worker cannot go on, so the others could not.
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
                f"The connection to {self._address} is lost. What has been graded until now is "
                "kept; the same command goes on from there."
            ) from error

    def _send(self, work: Work) -> Future:
        key = f"{self._name}-{work.assignment}-{work.student}"
        with self._connected():
            return self._client.submit(self._task, self._name, work, key=key, pure=False)

    def _places(self) -> int:
        """How many submissions may be on their way: all workers have one more to go on with."""
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
                    f"All workers of {self._address} are gone. What has been graded until now is "
                    "kept; start workers, and the same command goes on from there."
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
                "Every worker that graded this submission died on the way, so it was given up. "
                "Look at the workers' logs: perhaps they have too little memory.",
                None,
            )
        except CommandError:
            raise
        except Exception as error:
            return "".join(traceback.format_exception(error)), None

    def _compare(self) -> None:
        """Make sure that everybody does the same.

        Raises:
            CommandError: somebody would not; says who, and what is different.
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
                differences = [f"this package, which cannot be used there ({there})"]
            if differences:
                raise CommandError(
                    f"This computer and the worker {worker} do not have the same: "
                    f"{', '.join(differences)}. Marks could differ. Give all of them the same "
                    "checkout and packages, and start the workers again."
                )
        theirs = self._client.get_versions()["scheduler"]["packages"]["distributed"]
        if theirs != here.packages["distributed"]:
            raise CommandError(
                f"This computer has Dask {here.packages['distributed']}, the scheduler {theirs}. "
                "Give both the same version."
            )
