"""Does grading need more memory the more submissions there are?

Grades so many submissions in one run, each with a wrong answer, so that its page has pictures, and
prints the resident memory of the grader and of its warm parent on the way, and by how much each
grows for a submission (least squares over the second half; the first half fills caches).

    python -m benchmarks.memory --submissions 80
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from autograder.course.secret import find_secret
from autograder.course.solution import read_solutions
from autograder.demo import samples
from autograder.grading.events import Events
from autograder.grading.executor import Threads
from autograder.grading.grade_class import grade_class
from autograder.sandbox.layers.options import Isolation
from autograder.submission.find import Submission, find_submissions

ASSIGNMENT = "01_denoising"


def resident(pid: int | str) -> int:
    """Resident memory of a process in kB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def warm_parent() -> int:
    """The largest of the processes that this one has started, at any depth, in kB."""
    sizes = [0]
    waiting = ["self"]
    while waiting:
        for tasks in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            try:
                for pid in tasks.read_text().split():
                    sizes.append(resident(pid))
                    waiting.append(pid)
            except OSError:
                continue
    return max(sizes)


def growth(sizes: list[int]) -> float:
    """kB for each submission, over the second half."""
    half = sizes[len(sizes) // 2 :]
    return statistics.linear_regression(range(len(half)), half).slope


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=80)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()

    solution = read_solutions()[ASSIGNMENT]
    wrong = samples.rewritten(
        solution,
        {"1.1": samples.mistake_source("1.1", "weights_swapped")},
        samples.untouched(solution),
    )
    sizes: dict[str, list[int]] = {"grader": [], "warm parent": []}

    class Sizes(Events):
        def done(self, submission: Submission, is_new: bool) -> None:
            sizes["grader"].append(resident("self"))
            sizes["warm parent"].append(warm_parent())
            count = len(sizes["grader"])
            if count % 10 == 0:
                now = ", ".join(f"{name} {all_[-1] >> 10} MB" for name, all_ in sizes.items())
                print(f"{count:5d} submissions: {now}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for k in range(options.submissions):
            samples.hand_in(place / "submitted", f"student-{k:04d}", ASSIGNMENT, wrong)
        grade_class(
            find_submissions(place / "submitted"),
            place / "results",
            find_secret(None, place),
            Threads(options.jobs, isolation=Isolation(trusted=True)),
            events=Sizes(),
        )
    for name, all_ in sizes.items():
        print(f"{name}: {growth(all_):+.1f} kB for each submission")


if __name__ == "__main__":
    main()
