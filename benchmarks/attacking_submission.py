"""An attack as it is handed in to the nbgrader course of `attacked_course`."""

from autograder.course.instructor_notebook import SCHEMA_VERSION
from tests.attacks.attack import EACH, Attack, Notebook

ASSIGNMENT = "01_denoising"
CHECKED = ("check-1-1", "check-1-2")
ASSERTED = "assert-1-1"


def submission(attack: Attack) -> Notebook:
    """An attack as a submission to this course."""
    return attack.notebook(asserting_cell(""))


def asserting_cell(source: str) -> Notebook:
    """The cell whose hidden tests are an assert."""
    about = {
        "schema_version": SCHEMA_VERSION,
        "grade_id": ASSERTED,
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "points": EACH,
    }
    return {
        "cell_type": "code",
        "outputs": [],
        "execution_count": None,
        "source": source,
        "metadata": {"nbgrader": about},
    }
