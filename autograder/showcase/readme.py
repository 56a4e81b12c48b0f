"""The README's pictures, in docs/images/."""

import io
from pathlib import Path

from PIL import Image

from autograder.course.solution import read_solutions
from autograder.demo.run import grade_samples
from autograder.gradebook.class_report import CLASS_PAGE
from autograder.grading.events import Events
from autograder.grading.records import FEEDBACK
from autograder.paths import ROOT
from autograder.showcase.browser import need_browser, screenshot
from autograder.showcase.collage import collage
from pset.files import write_whole

IMAGES = ROOT / "docs" / "images"
BUILD = ROOT / "build" / "readme"

ASSIGNMENT, STUDENT = "01_denoising", "chloe"
"""Whose feedback page the README shows; the class report is about the same assignment."""

FEEDBACK_WINDOW, REPORT_WINDOW = (900, 1145), (900, 1220)
"""Width and height in pixels. They show the first sections of the two pages."""

COLOURS = 128  # enough for a page, and half the size


def make_pictures(events: Events, folder: Path = IMAGES) -> list[Path]:
    """Grade the sample class for one assignment, and make the collage and two pictures of pages.

    Args:
        events: see `grade_class`.
        folder: where to write them.

    Returns:
        The paths of the pictures.

    Raises:
        CommandError: there's no browser, or a figure is missing.
    """
    need_browser()
    buffer = io.BytesIO()
    collage().save(buffer, format="JPEG", quality=85)
    write_whole(folder / "collage.jpg", buffer.getvalue())
    grade_samples({ASSIGNMENT: read_solutions()[ASSIGNMENT]}, BUILD, events)
    results = BUILD / "results"
    pages = {
        "feedback.png": (results / STUDENT / ASSIGNMENT / FEEDBACK, FEEDBACK_WINDOW),
        "class_report.png": (results / CLASS_PAGE, REPORT_WINDOW),
    }
    for name, (page, window) in pages.items():
        buffer = io.BytesIO()
        picture = screenshot(page, *window).quantize(COLOURS, dither=Image.Dither.NONE)
        picture.save(buffer, format="PNG", optimize=True)
        write_whole(folder / name, buffer.getvalue())
    return [folder / name for name in ("collage.jpg", *pages)]
