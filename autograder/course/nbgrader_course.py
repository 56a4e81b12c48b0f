"""An nbgrader course folder, for those who grade with nbgrader itself.

In the folder, `nbgrader generate_assignment`, `autograde`, `generate_feedback` and `export` work as
they come. nbgrader runs student code and tests in one process: it is for code that one trusts.
"""

import re
from pathlib import Path
from typing import Any

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.release import SOLUTIONS, read_sources, to_bytes
from pset.checks.references import write_whole
from pset.course import course_file, read_course

CONFIG = '''\
"""Settings of nbgrader for this course, written once; yours to extend.

Hidden inputs: write references of a seed that only the course knows, outside the repository, with
`python -m autograder references --seed SEED --out FOLDER`, and set PSET_REFERENCES=FOLDER where
`nbgrader autograde` runs. Without it the checks use the public inputs.
"""

import os
import sys

c = get_config()  # noqa: F821

# nbgrader calls `alembic` by its name, and the environment need not be activated.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

c.CourseDirectory.course_id = {course_id!r}
# A check stops a function by itself, long before this; loading a model on a busy machine may take
# longer than nbgrader's own 30 seconds.
c.Execute.timeout = 600
c.Execute.startup_timeout = 300
'''


def write_nbgrader_course(
    folder: Path, solutions: Path = SOLUTIONS, course: Path | None = None
) -> list[Path]:
    """Write `nbgrader_config.py` and `source/<assignment>/<assignment>.ipynb`, with solutions.

    Submissions, gradebook and whatever else is in the folder stay as they are, and so does a
    `nbgrader_config.py` that is there already.

    Args:
        folder: of the nbgrader course; made if need be.
        solutions: folder of the sources.
        course: a `course.toml`; None takes that of the checkout.

    Returns:
        The files that it wrote.
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
    """The course's name as nbgrader takes it: lower case, no spaces."""
    return re.sub(r"[^a-z0-9]+", "-", settings["course"]["name"].lower()).strip("-")
