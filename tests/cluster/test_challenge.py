"""The challenge on a Dask cluster: a class with short limits, and a worker that's killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

from autograder.challenge.contest import Challenge
from autograder.cluster.client import Cluster
from autograder.course.secret import find_secret
from autograder.demo.samples import hand_in
from autograder.grading import grade_class as grade
from autograder.grading.assignment import Assignment
from autograder.grading.events import Events
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record, load_records
from autograder.paths import ROOT
from autograder.submission.find import Submission, find_submissions
from tests.challenge.entries import ATTACKS, SETTINGS, entry

pytestmark = pytest.mark.slow

ASSIGNMENT = "16_train"
HONEST = 9
DISHONEST = ("hogs-memory", "prints-without-end", "forks", "ends-its-process")
TRAINS = entry(
    "began = time.monotonic()\n"
    "while time.monotonic() - began < seconds / 3:\n    torch.ones(99, 99) @ torch.ones(99, 99)\n"
    "return Means(torch.stack([images[labels == c].mean(0) for c in range(10)]))"
)
"""An honest entry that takes a while, so that a worker can be killed on the way."""


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    config = {"distributed.scheduler.allowed-failures": 3, "distributed.admin.tick.limit": "1h"}
    with pytest.MonkeyPatch.context() as patch, dask.config.set(config):
        patch.setenv("PYTHONPATH", str(ROOT))
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster:
            yield cluster


def test_a_class_competes_though_a_worker_is_killed(
    tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted, results = tmp_path / "submitted", tmp_path / "results"
    secret = find_secret(None, tmp_path)
    cells = {f"honest-{k}": TRAINS.replace('"mean"', f'"{k}"') for k in range(HONEST)}
    cells |= {f"odd-{name}": ATTACKS[name].cell for name in DISHONEST}
    for student, cell in cells.items():
        hand_in(submitted, student, ASSIGNMENT, f"# %%\n{cell}\n".encode(), f"{ASSIGNMENT}.py")
    prepared = Assignment({}, {}, "key", Challenge(SETTINGS, 30.0, secret.seed))
    monkeypatch.setattr(grade, "read_solutions", lambda: {ASSIGNMENT: None})
    monkeypatch.setattr(grade.Assignment, "prepare", lambda solution, secret: prepared)
    done: list[str] = []
    with Client(cluster, set_as_default=False) as client:
        pids = client.run(os.getpid)

        class Killer(Events):
            def done(self, submission: Submission, is_new: bool) -> None:
                assert is_new
                done.append(submission.student)
                if len(done) == 3:  # both are training somebody else's by now
                    os.kill(next(iter(pids.values())), signal.SIGKILL)

        def run() -> dict[str, Record]:
            records = grade_class(
                find_submissions(submitted, [ASSIGNMENT]),
                results,
                secret,
                Cluster(cluster.scheduler_address),
                events=Killer() if not done else None,
                competes=True,
            )
            return {record.student: record for record in records}

        found = run()
        assert pids != client.run(os.getpid)
        assert sorted(done) == sorted(cells)  # everybody once
        assert len(load_records(results)) == len(cells)
        for student, record in found.items():
            assert record.entry is not None, record.failure
            assert record.entry.is_scored is student.startswith("honest")
            if record.entry.is_scored:
                assert record.entry.called == student.removeprefix("honest-")
                assert record.score == pytest.approx(found["honest-0"].score, abs=0.1)
                assert record.score > 0
            else:
                assert record.entry.status == ATTACKS[student.removeprefix("odd-")].status
        assert {s: r.entry for s, r in run().items()} == {s: r.entry for s, r in found.items()}
