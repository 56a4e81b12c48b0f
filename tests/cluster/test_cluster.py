"""Graded by two workers of a Dask cluster, one of which is killed on the way."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import dask
import pytest
from distributed import Client, LocalCluster

from autograder.cluster import client as cluster_module
from autograder.cluster.client import Cluster
from autograder.cluster.worker import About
from autograder.course.secret import find_secret
from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.errors import CommandError
from autograder.grading.assignment import Assignment
from autograder.grading.events import Events
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.grading.grade_one import GRADERS_FAULT
from autograder.grading.records import load_records
from autograder.grading.work import Work
from autograder.paths import ROOT
from autograder.sandbox.layers.report import Report
from autograder.submission.find import Submission, find_submissions
from tests.cluster.deadly import DEADLY, grade_or_die
from tests.grading.classroom import ALL_POINTS, ASSIGNMENT, LIMITS, POINTS

pytestmark = pytest.mark.usefixtures("own_cache")

pytestmark = pytest.mark.slow

CONFIG = {"distributed.scheduler.allowed-failures": 1, "distributed.admin.tick.limit": "1h"}

VISITS = """
import socket

def forward(im, t, alphas_cumprod, noise):
    for address in {addresses}:
        try:
            socket.create_connection(address, 2).close()
        except OSError as error:
            continue
        return im
    return alphas_cumprod[t].sqrt() * im + (1 - alphas_cumprod[t]).sqrt() * noise
"""
"""Right, unless somebody can be reached."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with (
        pytest.MonkeyPatch.context() as patch,
        dask.config.set(CONFIG),
    ):
        patch.setenv("PYTHONPATH", str(ROOT))
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster:
            yield cluster


@pytest.fixture(scope="module")
def client(cluster: LocalCluster) -> Iterator[Client]:
    """Of the test itself, to look at workers and to kill them."""
    with Client(cluster, set_as_default=False) as client:
        yield client


def addresses(cluster: LocalCluster, client: Client) -> list[tuple[str, int]]:
    """Where the scheduler and the workers listen."""
    found = [cluster.scheduler_address, *client.nthreads()]
    places = [address.removeprefix("tcp://").rsplit(":", 1) for address in found]
    return [(host, int(port)) for host, port in places]


def test_a_class_is_graded_as_on_one_computer_though_a_worker_is_killed(
    tmp_path: Path, cluster: LocalCluster, client: Client, solution: Solution
) -> None:
    listening = addresses(cluster, client)
    for address in listening:
        socket.create_connection(address, 5).close()  # it can be done, from here
    submitted, secret = tmp_path / "submitted", find_secret(None, tmp_path)
    handed_in = {
        "ada": samples.right(solution),
        "ben": samples.mistaken(solution, {"1.1": "weights_swapped"}),
        "chloe": samples.mistaken(solution, {"score": "wrong_sign"}),
        "dan": samples.rewritten(solution, {"1.1": VISITS.format(addresses=listening)}),
        "emma": b"",
        "farid": samples.untouched(solution),
    }
    for student, notebook in handed_in.items():
        samples.hand_in(submitted, student, ASSIGNMENT, notebook)
    reports, done = [], []
    pids = client.run(os.getpid)

    class Killer(Events):
        def done(self, submission: Submission, is_new: bool) -> None:
            done.append(submission.student)
            if len(done) == 1:  # the others are at work, or wait for these workers
                os.kill(next(iter(pids.values())), signal.SIGKILL)

        def isolated(self, report: Report) -> None:
            reports.append(report)

    dask_cluster = Cluster(cluster.scheduler_address, LIMITS)
    submissions = find_submissions(submitted)
    there = tmp_path / "there"
    records = grade_class(submissions, there, secret, dask_cluster, events=Killer())
    assert sorted(done) == sorted(handed_in)
    assert pids != client.run(os.getpid)
    assert all(report.holds for report in reports)
    assert len(reports) == 1
    here = grade_class(submissions, tmp_path / "here", secret, Threads(limits=LIMITS))
    assert marks(records) == marks(here)
    scores = {record.student: record.score for record in records}
    assert (scores["ada"], scores["dan"], scores["emma"]) == (ALL_POINTS, ALL_POINTS, 0)
    assert scores["ben"] == ALL_POINTS - POINTS["1.1"]
    assert len(load_records(tmp_path / "there")) == len(handed_in)
    names = [(tmp_path / place / "grades.csv").read_text() for place in ("here", "there")]
    assert names[0] == names[1]
    again = grade_class(submissions, tmp_path / "here", secret, dask_cluster)
    assert [record.key for record in again] == [record.key for record in records_by_name(here)]


def records_by_name(records: list) -> list:
    return sorted(records, key=lambda record: record.student)


def marks(records: list) -> dict[str, object]:
    """All that must not depend on where a submission was graded."""
    return {
        r.student: (r.key, r.isolation, r.notes, r.trouble, [m.model_dump() for m in r.marks])
        for r in records
    }


def test_a_submission_that_kills_its_workers_is_given_up(
    tmp_path: Path, cluster: LocalCluster, solution: Solution
) -> None:
    secret = find_secret(None, tmp_path)
    prepared = {ASSIGNMENT: Assignment.prepare(solution, secret)}
    data = samples.to_bytes(samples.right(solution))
    works = [
        Work(
            Submission(student, ASSIGNMENT, tmp_path), ((f"{ASSIGNMENT}.ipynb", data),), None, "key"
        )
        for student in ("ada", DEADLY)
    ]
    deadly = Cluster(cluster.scheduler_address, LIMITS, task=grade_or_die)
    with deadly.ready(prepared, secret) as grade:
        records = {work.submission.student: graded.record for work, graded, _ in grade(works)}
    assert records["ada"].score == ALL_POINTS
    assert records[DEADLY].trouble == GRADERS_FAULT
    assert "given up" in records[DEADLY].failure


def test_other_code_on_a_worker_is_refused(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    differences = About.differences
    monkeypatch.setattr(
        About,
        "differences",
        lambda here, there: differences(About("other code", "3.0", here.packages, b""), there),
    )
    with (
        pytest.raises(CommandError, match=r"the code of this package, course.toml, Python \(3.0"),
        Cluster(cluster.scheduler_address).ready({}, find_secret(None, tmp_path)),
    ):
        pass


@pytest.mark.parametrize(
    ("address", "says"),
    [("tcp://127.0.0.1:9", "No scheduler answers"), ("nonsense://x", "isn't the address")],
)
def test_a_scheduler_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, address: str, says: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT_SECONDS", 1)
    secret = find_secret(None, tmp_path)
    with pytest.raises(CommandError, match=says), Cluster(address).ready({}, secret):
        pass
