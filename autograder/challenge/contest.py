"""Run a submission to the challenge: train in one process, sample in another, measure in this one.

Neither process has what the other one has: the one that trains keeps the network and sees no
hidden label before that, and the one that samples has only the calls that it makes, which pass
through here and are counted.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch

import pset
from autograder.challenge.entry import Entry
from autograder.paths import PACKAGE
from autograder.sandbox.contestant import Contestant, Failed
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.layers.limits import Limits
from pset.challenge.features import SIZE, features_file
from pset.challenge.measuring import calls_for_a_sample, complaint, draw, measure
from pset.challenge.settings import NAME, SAMPLE, TRAIN, Settings
from pset.checks.calling import Outcome
from pset.small_pictures import small_pictures

NOTEBOOK_SECONDS = 60
GRACE_SECONDS = 20
"""Half of it is for a training that looks at the clock between its steps, half to be stopped in."""

TOO_LONG = (
    f"It has {{seconds:.0f}} seconds, and hadn't finished {GRACE_SECONDS / 2:.0f} seconds later. "
    "Look at the clock between steps."
)


@dataclass(frozen=True, repr=False)
class Challenge:
    """The challenge as one course grades it.

    Args:
        settings: its limits and curves.
        max_points: for the best.
        seed: of the hidden noise and labels.
    """

    settings: Settings
    max_points: float
    seed: int

    @property
    def limits(self) -> Limits:
        """Of each process."""
        given = self.settings
        seconds = NOTEBOOK_SECONDS + given.seconds + given.sample_seconds + 2 * GRACE_SECONDS
        return Limits(
            notebook_seconds=NOTEBOOK_SECONDS,
            call_seconds=max(given.seconds, given.sample_seconds),
            grace_seconds=GRACE_SECONDS,
            cpu_seconds=round(given.cores * seconds),
            memory=int(given.memory_gb * 2**30),
        )

    def key(self, data: bytes) -> str:
        """A hash of everything that a notebook's measurements depend on; its points don't count.

        Args:
            data: of the notebook.
        """
        given = self.settings
        limits = (given.seconds, given.cores, given.memory_gb, given.sample_seconds)
        counted = (given.pictures, given.call_seconds, self.seed)
        known = [_hash_of_code(), hashlib.sha256(data).hexdigest(), str(limits), str(counted)]
        return hashlib.sha256("\n".join(known).encode()).hexdigest()


def compete(challenge: Challenge, launcher: Launcher, cells: Sequence[str], key: str) -> Entry:
    """Train, sample and measure. Whatever the submission does, there's an entry.

    Args:
        challenge: whose limits the launcher has.
        launcher: starts the processes.
        cells: of the notebook.
        key: for the entry.
    """
    return _Contest(challenge, launcher, cells, key).entry()


class _Contest:
    """One submission on its way to an entry; takes the same arguments as `compete`."""

    def __init__(
        self, challenge: Challenge, launcher: Launcher, cells: Sequence[str], key: str
    ) -> None:
        self._settings, self._seed = challenge.settings, challenge.seed
        self._launcher, self._cells = launcher, cells
        self._entry = Entry(key=key, where=TRAIN)
        self._asked = 0
        self._until = 0.0

    def entry(self) -> Entry:
        """Train, then sample, then measure."""
        learner = self._contestant([TRAIN, NAME])
        sampler: Contestant | None = None
        try:
            with learner:
                self._train(learner)
                sampler = self._contestant([SAMPLE])
                with sampler:
                    self._sample(learner, sampler)
        except Failed as failed:
            self._entry.status, self._entry.error = failed.outcome.status, failed.outcome.error
            if (self._entry.where, self._entry.status) == (TRAIN, "out of time"):
                self._entry.error = TOO_LONG.format(seconds=self._settings.seconds)
        for process in filter(None, (learner, sampler)):
            self._entry.cpu_seconds += process.cpu_seconds
        return self._entry

    def _contestant(self, names: list[str]) -> Contestant:
        process = Contestant(self._launcher, self._cells, names, everything=False)
        process.cores = self._settings.cores
        return process

    def _train(self, learner: Contestant) -> None:
        _expect_ready(learner)
        images, labels, _ = small_pictures("train", SIZE)
        began = time.monotonic()
        try:
            learner.train(images, labels, self._settings.seconds)
        finally:
            self._entry.train_seconds = time.monotonic() - began
            self._entry.called = learner.called

    def _sample(self, learner: Contestant, sampler: Contestant) -> None:
        self._entry.where = SAMPLE
        _expect_ready(sampler)
        noise, labels = draw(self._seed, self._settings.pictures)

        def network(x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
            self._asked += len(x)
            left = self._until - time.monotonic()
            if left <= 0:
                raise Failed(_late(self._settings.sample_seconds))
            return learner.velocity(x, t, label, left)

        began = time.monotonic()
        self._until = began + self._settings.sample_seconds
        try:
            samples = sampler.sample(noise, labels, network, self._settings.sample_seconds)
        finally:
            seconds = time.monotonic() - began
            self._entry.sample_seconds = seconds
            self._entry.calls = calls_for_a_sample(self._asked, seconds, self._settings)
        if problem := complaint(samples, noise):
            raise Failed(Outcome("unusable", error=problem))
        measured = measure(samples, labels)
        self._entry.distance, self._entry.right = measured.distance, measured.right
        self._entry.copies = measured.copies


def _expect_ready(process: Contestant) -> None:
    if process.over is not None:
        raise Failed(process.over)
    if not process.is_ready:
        raise Failed(Outcome("raised", error=process.notes[0] if process.notes else ""))


def _late(seconds: float) -> Outcome:
    return Outcome("out of time", error=f"It hadn't finished after {seconds:.0f} seconds.")


@cache
def _hash_of_code() -> str:
    """A hash of what measures: a change in it may change a measurement."""
    folders = (Path(pset.__file__).parent / "challenge", PACKAGE / "challenge")
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    digest = hashlib.sha256()
    for path in (*files, features_file(), features_file().with_name("pictures.npz")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
