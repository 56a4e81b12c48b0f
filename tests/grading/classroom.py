"""A sample class, handed in and graded once for all tests of this folder."""

from dataclasses import dataclass
from pathlib import Path

from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.grading.records import Mark, Record
from autograder.sandbox.layers.limits import Limits
from pset.checks import ALL_CHECKS
from tests.grading.odd_functions import ODD
from tests.submission.corpus import HandedIn, corpus

ASSIGNMENT = "01_denoising"
LIMITS = Limits(notebook_seconds=20, call_seconds=6, grace_seconds=1)
POINTS = {"1.1": 10.0, "1.2": 10.0, "1.3": 10.0, "score": 5.0}
ALL_POINTS = sum(POINTS.values())


@dataclass(frozen=True)
class Classroom:
    """The graded class.

    Args:
        submitted, results: folders.
        records: student → grade.
        secret: the file of the course's secret.
    """

    submitted: Path
    results: Path
    records: dict[str, Record]
    secret: Path

    def mark(self, student: str, exercise: str) -> Mark:
        """One mark of one student."""
        return next(m for m in self.records[student].marks if m.exercise == exercise)

    def feedback(self, student: str) -> str:
        """The page that a student gets."""
        return (self.results / student / ASSIGNMENT / "feedback.html").read_text(encoding="utf-8")


def mistakes(solution: Solution) -> dict[str, tuple[str, str]]:
    """Student → the exercise and the key of the one mistake that this student makes."""
    return {
        f"mistake-{exercise}-{mistake.key}": (exercise, mistake.key)
        for exercise in solution.exercises
        for mistake in ALL_CHECKS[exercise].mistakes
    }


def broken(solution: Solution) -> dict[str, HandedIn]:
    """Student → what a real class hands in."""
    cases = corpus(samples.right(solution), ASSIGNMENT, ALL_POINTS, POINTS["1.1"])
    return {f"broken-{name}": case for name, case in cases.items()}


def hand_in_all(submitted: Path, solution: Solution) -> None:
    """Put every sample submission where the grader looks."""
    samples.hand_in(submitted, "right", ASSIGNMENT, samples.right(solution))
    samples.hand_in(submitted, "untouched", ASSIGNMENT, samples.untouched(solution))
    for student, (exercise, key) in mistakes(solution).items():
        notebook = samples.mistaken(solution, {exercise: key})
        samples.hand_in(submitted, student, ASSIGNMENT, notebook)
    for name, odd in ODD.items():
        notebook = samples.rewritten(solution, {"1.1": odd.source})
        samples.hand_in(submitted, f"odd-{name}", ASSIGNMENT, notebook)
    for student, case in broken(solution).items():
        (submitted / student / ASSIGNMENT).mkdir(parents=True)
        for name, data in case.files.items():
            samples.hand_in(submitted, student, ASSIGNMENT, data, name)
    scripted = samples.untouched(solution)
    for cell in scripted.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("question"):
            cell.source = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    samples.hand_in(submitted, "script-in-answers", ASSIGNMENT, scripted)
    linked = submitted / "linked" / ASSIGNMENT
    linked.mkdir(parents=True)
    (linked / f"{ASSIGNMENT}.ipynb").symlink_to(
        submitted / "right" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    )
