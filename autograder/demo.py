"""The main job in a few minutes: figures, a small class handed in and graded, a page to look at."""

import base64
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder import samples
from autograder.feedback import templates
from autograder.figures import draw_figures
from autograder.grade import grade_class
from autograder.limits import Limits
from autograder.records import Record, remarks
from autograder.secret import find_secret
from autograder.solution import ROOT, Solution, read_solutions
from autograder.submissions import Submission, find_submissions
from pset.checks.references import write_whole
from pset.course import course_file, read_course

DEMO = ROOT / "build" / "demo"

LIMITS = Limits(notebook_seconds=20, call_seconds=5, grace_seconds=1)
"""Short: one of the sample students never returns."""

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
    """One sample student: a name, what is special, and the file's bytes."""

    student: str
    about: str
    data: bytes


def sample_class(solution: Solution) -> list[Sample]:
    """A handful of submissions: right, wrong in known ways, untouched, broken, endless."""
    right = samples.to_bytes(samples.right(solution))
    wrong = [
        ("ben", {"1.1": "no_square_root"}),
        ("chloe", {"1.2": "darkens_border", "score": "wrong_sign"}),
        ("dan", {"1.1": "weights_swapped", "1.3": "float16_schedule"}),
    ]
    return [
        Sample("ada", "everything right", right),
        *(
            Sample(
                student,
                "makes known mistakes: " + ", ".join(f"{e} {key}" for e, key in mistakes.items()),
                samples.to_bytes(samples.mistaken(solution, mistakes)),
            )
            for student, mistakes in wrong
        ),
        Sample("emma", "handed in as released", samples.to_bytes(samples.untouched(solution))),
        Sample(
            "farid",
            "a right answer of another kind (numpy, float64)",
            samples.to_bytes(samples.rewritten(solution, {"1.1": NUMPY})),
        ),
        Sample(
            "grace",
            "1.3 never returns",
            samples.to_bytes(samples.rewritten(solution, {"1.3": ENDLESS})),
        ),
        Sample("hugo", "the file is cut off in the middle", right[: len(right) // 2]),
    ]


def run_demo(
    figures_progress: Callable[[str, int, int], None],
    begin: Callable[[int], None],
    grading_progress: Callable[[Submission, str], None],
    folder: Path = DEMO,
) -> tuple[list[Record], Path]:
    """Draw, hand in, grade, and write `index.html`.

    Returns:
        The grades, and the page.
    """
    pictures = draw_figures(folder / "figures", progress=figures_progress)
    submitted, results = folder / "submitted", folder / "results"
    shutil.rmtree(submitted, ignore_errors=True)
    about = {}
    for name, solution in read_solutions().items():
        for sample in sample_class(solution):
            samples.hand_in(submitted, sample.student, name, sample.data)
            about[sample.student, name] = sample.about
    records = grade_class(
        find_submissions(submitted),
        results,
        find_secret(None, results),
        jobs=2,
        limits=LIMITS,
        begin=begin,
        progress=grading_progress,
    )
    html = templates.get_template("demo.html").render(
        course=read_course(course_file())["course"],
        assignments={
            name: sorted((r for r in records if r.assignment == name), key=lambda r: r.student)
            for name in pictures
        },
        about=about,
        remarks=remarks,
        figures={
            name: [(path.stem, base64.b64encode(path.read_bytes()).decode()) for path in paths]
            for name, paths in pictures.items()
        },
    )
    write_whole(folder / "index.html", html.encode())
    return records, folder / "index.html"
