"""The demo: draw figures, grade a small sample class, and write a page to look at."""

import base64
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.course.figures import FIGURES, draw_figures
from autograder.course.secret import find_secret
from autograder.course.solution import Solution, read_solutions
from autograder.demo import samples
from autograder.gradebook.class_report import CLASS_PAGE, class_reports, render
from autograder.grading.events import Events
from autograder.grading.executor import Threads
from autograder.grading.feedback import templates
from autograder.grading.grade_class import grade_class
from autograder.grading.records import Record
from autograder.paths import ROOT
from autograder.sandbox.layers.limits import Limits
from autograder.sandbox.layers.options import Isolation
from autograder.submission.find import find_submissions
from pset.course import course_file, read_course
from pset.files import write_whole

DEMO = ROOT / "build" / "demo"

DRAWN = ("01_denoising", "02_iterative_denoising")
"""The assignments whose figures are drawn; for the others, the saved figures are shown."""

LIMITS = Limits(notebook_seconds=20, call_seconds=5, grace_seconds=1)
"""Short, because one of the sample functions never returns."""

ENDLESS = """
def one_step_denoise(x_t, t, model, prompt_embeds):
    while True:
        x_t = x_t + 0
"""

NUMPY = """
import numpy as np

def forward(im, t, alphas_cumprod, noise):
    keep = alphas_cumprod.numpy().astype(np.float64)[t]
    return np.sqrt(keep) * im.numpy() + np.sqrt(1 - keep) * noise.numpy()
"""


@dataclass(frozen=True)
class Sample:
    """One sample student: a name, a description, and the file's bytes."""

    student: str
    about: str
    data: bytes


WRONG = {
    "ben": {"1.1": "no_square_root", "1.4": "as_printed"},
    "chloe": {"1.2": "darkens_border", "score": "wrong_sign", "1.6": "guided_variance"},
    "dan": {"1.1": "weights_swapped", "1.3": "float16_schedule", "1.5": "one_noise_for_all"},
}
"""Student → the known mistakes that this student makes."""

OTHER = {
    "farid": ("1.1", NUMPY, "a right answer written differently (numpy, float64)"),
    "grace": ("1.3", ENDLESS, "1.3 never returns"),
}
"""Student → an exercise, the code in its cell, and a description."""


def sample_class(solution: Solution) -> list[Sample]:
    """A handful of submissions: right, with known mistakes, untouched, broken, endless."""
    right = samples.to_bytes(samples.right(solution))
    everybody = [Sample("ada", "everything right", right)]
    for student, keys in WRONG.items():
        made = {e: key for e, key in keys.items() if e in solution.exercises}
        about = ", ".join(f"{exercise} {key}" for exercise, key in made.items())
        notebook = samples.to_bytes(samples.mistaken(solution, made))
        everybody.append(
            Sample(student, f"makes known mistakes: {about}" if made else "", notebook)
        )
    everybody.append(
        Sample("emma", "handed in as released", samples.to_bytes(samples.untouched(solution)))
    )
    for student, (exercise, source, about) in OTHER.items():
        if exercise in solution.exercises:
            notebook = samples.to_bytes(samples.rewritten(solution, {exercise: source}))
            everybody.append(Sample(student, about, notebook))
    everybody.append(
        Sample("hugo", "the file is truncated in the middle", right[: len(right) // 2])
    )
    return everybody


def grade_samples(
    solutions: Mapping[str, Solution],
    folder: Path,
    events: Events,
) -> tuple[list[Record], dict[tuple[str, str], str]]:
    """Hand in and grade the sample class, and write the class report.

    Args:
        solutions: of the assignments to hand in.
        folder: for `submitted/` and `results/`.
        events: see `grade_class`.

    Returns:
        The grades, and a description of each submission by student and assignment.
    """
    submitted, results = folder / "submitted", folder / "results"
    shutil.rmtree(submitted, ignore_errors=True)
    about = {}
    for name, solution in solutions.items():
        for sample in sample_class(solution):
            samples.hand_in(submitted, sample.student, name, sample.data)
            about[sample.student, name] = sample.about
    records = grade_class(
        find_submissions(submitted),
        results,
        find_secret(None, results),
        Threads(2, LIMITS, Isolation(trusted=True)),  # all samples are the course's own
        events=events,
    )
    write_whole(results / CLASS_PAGE, render(class_reports(records)))
    return records, about


def run_demo(
    figures_progress: Callable[[str, int, int], None],
    grading_events: Events,
    folder: Path = DEMO,
) -> tuple[list[Record], Path]:
    """Draw figures, hand in, grade, and write `index.html`.

    Returns:
        The grades, and the path of the page.
    """
    solutions = read_solutions()
    pictures = {name: sorted((FIGURES / name).glob("*.png")) for name in solutions}
    pictures |= draw_figures(folder / "figures", progress=figures_progress, only=DRAWN)
    records, about = grade_samples(solutions, folder, grading_events)
    html = templates.get_template("demo.html").render(
        course=read_course(course_file())["course"],
        assignments={
            name: sorted((r for r in records if r.assignment == name), key=lambda r: r.student)
            for name in pictures
        },
        about=about,
        figures={
            name: [(path.stem, base64.b64encode(path.read_bytes()).decode()) for path in paths]
            for name, paths in pictures.items()
        },
    )
    write_whole(folder / "index.html", html.encode())
    return records, folder / "index.html"
