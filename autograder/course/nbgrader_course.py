"""Create an nbgrader course folder.

In it, `nbgrader generate_assignment`, `autograde`, `generate_feedback` and `export` work as usual.
nbgrader runs student code and tests in the same process, so use it only for code that you trust.
"""

import re
from pathlib import Path
from typing import Any

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.release import SOLUTIONS, read_sources, to_bytes
from pset.course import course_file, read_course
from pset.files import write_whole

CONFIG = '''\
"""nbgrader's settings for this course. This file is written only once; edit it as you like.

Hidden inputs: choose a seed that only the course knows, and write its references outside the
repository with `python -m autograder references --seed SEED --out FOLDER`. Set
PSET_REFERENCES=FOLDER where `nbgrader autograde` runs. Without it, the checks use public inputs.
"""

import os
import sys

c = get_config()  # noqa: F821

# nbgrader runs `alembic` by name, so put this environment on PATH even if it isn't activated.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

c.CourseDirectory.course_id = {course_id!r}
# A check stops a slow function long before this. But loading a model on a busy machine may
# take longer than nbgrader's default of 30 seconds.
c.Execute.timeout = 600
c.Execute.startup_timeout = 300
'''


def write_nbgrader_course(
    folder: Path, solutions: Path = SOLUTIONS, course: Path | None = None
) -> list[Path]:
    """Write `nbgrader_config.py` and `source/<assignment>/<assignment>.ipynb`, with solutions.

    Submissions, the gradebook, an existing `nbgrader_config.py` and everything else in the folder
    are left unchanged.

    Args:
        folder: of the nbgrader course; created if it doesn't exist.
        solutions: folder of the sources.
        course: a `course.toml`; None for the checkout's.

    Returns:
        The files written.
    """
    settings = read_course(course or course_file())
    written = []
    config = folder / "nbgrader_config.py"
    if not config.exists():
        write_whole(config, CONFIG.format(course_id=course_id(settings)).encode())
        written.append(config)
    for source in read_sources(solutions, settings):
        path = folder / "source" / source.name / f"{source.name}.ipynb"
        write_whole(path, to_bytes(instructor_notebook(source, settings)))
        written.append(path)
    return written


def course_id(settings: dict[str, Any]) -> str:
    """The course's name in the form nbgrader accepts: lower case, no spaces."""
    return re.sub(r"[^a-z0-9]+", "-", settings["course"]["name"].lower()).strip("-")
