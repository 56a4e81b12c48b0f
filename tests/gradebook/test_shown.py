"""What nbgrader's pages make of a submission: formgrader's view, and its feedback."""

import base64
import io
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.apps.api import NbGraderAPI
from nbgrader.server_extensions.formgrader import handlers
from PIL import Image
from traitlets.config import Config

from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.gradebook.formgrader_notebook import LOST, autograded_notebook, harmless
from autograder.gradebook.nbgrader import course_notebook
from autograder.grading.records import Record
from autograder.submission.pictures import decode
from autograder.submission.read import grade_id_of
from autograder.submission.shown import MAX_SOURCE, MAX_TEXT, shown
from pset.course import course_file, read_course
from tests.gradebook.conftest import SAYS, record
from tests.pages.browser import Opened, open_page
from tests.pages.payloads import EVERYTHING

QUESTION = "question-1-9"
SCRIPT = EVERYTHING.encode("utf-8", "replace").decode()  # nbformat writes no half characters
MORE = "\n".join(
    [
        "[x]: javascript:alert(1)",
        "[x] [x][x] ![y](attachment:y) [z][ x]",
        "<javascript:alert(1)>",
        "```mermaid\ngraph TD; A-->B<img src=x onerror=document.title='taken'>\n```",
        r"$\href{javascript:alert(1)}{x}$ $a<b$",
        "\\begin{<img src=x onerror=alert(1)>}\\end{<img src=x onerror=alert(1)>}",
    ]
)


@pytest.fixture(scope="module")
def course_cells(solution: Solution) -> NotebookNode:
    """The notebook as the gradebook knows it."""
    return course_notebook(solution, read_course(course_file()))


def handed_in(notebook: NotebookNode) -> list[dict[str, Any]]:
    return [{**cell} for cell in notebook.cells]


def test_what_comes_after_a_notebooks_most_text_is_left_out() -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": "x" * MAX_SOURCE}
    full = {"cell_type": "code", "source": "y" * MAX_SOURCE, "outputs": []}
    late = full | {"outputs": [printed] * 3}
    found, _ = shown([full] * (MAX_TEXT // MAX_SOURCE + 1) + [late] * 3)
    for cell in found[-3:]:
        for text in (cell.source, *(output.text for output in cell.outputs)):
            assert len(text) < 50
            assert "more characters" in text


def autograded(course: NotebookNode, cells: list[dict[str, Any]], grade: Record) -> NotebookNode:
    """The notebook for formgrader, from cells as they lie in a file."""
    found, pictures = shown(cells)

    def draw(number: int, width: int) -> Image.Image | None:
        kind, text = pictures[number]
        return decode(text, kind, width)

    return autograded_notebook(course, found, draw, grade)


def formgrader(notebook: NotebookNode) -> str:
    """The page on which marks are given; exported as formgrader's server does."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    resources = {
        "assignment_id": "a", "notebook_id": "n", "submission_id": "s", "index": 0, "total": 1,
        "base_url": "", "student": "ada", "last_name": "", "first_name": "", "notebook_path": "",
    }  # fmt: skip
    html, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)
    return html


def png(size: tuple[int, int] = (40, 30)) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def test_marks_and_flags_come_from_the_course(solution: Solution, course_cells: NotebookNode):
    notebook = samples.right(solution)
    for cell in notebook.cells:
        if grade_id_of(cell):
            cell.metadata["nbgrader"] |= {"points": 1000, "grade": True, "locked": False}
            cell.metadata["evil"] = "x"
            if grade_id_of(cell) == "check-1-9":
                cell.source = "print('right')"
    made = autograded(course_cells, handed_in(notebook), record("ada", points=0))
    originals = {grade_id_of(cell): cell for cell in course_cells.cells if grade_id_of(cell)}
    found = {grade_id_of(cell): cell for cell in made.cells if grade_id_of(cell)}
    assert set(found) == set(originals)
    for name, cell in found.items():
        assert cell.metadata == originals[name].metadata
    check = found["check-1-9"]
    assert check.source == originals["check-1-9"].source
    assert SAYS in check.outputs[0].text
    assert all("evil" not in cell.metadata for cell in made.cells)


def test_cells_that_are_copied_or_missing(solution: Solution, course_cells: NotebookNode):
    cells = handed_in(samples.right(solution))
    (question,) = (cell for cell in cells if grade_id_of(cell) == QUESTION)
    twice = autograded(course_cells, [question, question], record("ada"))
    names = [grade_id_of(cell) for cell in twice.cells if grade_id_of(cell)]
    assert sorted(names) == ["check-1-9", "exercise-1-9", QUESTION]
    assert [cell.source for cell in twice.cells].count(harmless(question["source"])) == 2
    none = autograded(course_cells, [], record("ada", trouble="It is damaged."))
    assert none.cells[0].source == "It is damaged."
    assert LOST in [cell.source for cell in none.cells]
    assert formgrader(none).count('class="score tabbable"') == 2


def test_only_pictures_and_plain_text_are_left_of_outputs(
    solution: Solution, course_cells: NotebookNode
):
    outputs = [
        {"output_type": "display_data", "data": {"image/png": png(), "text/html": "<b>"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload=x>"}},
        {"output_type": "display_data", "data": {"text/html": "<script>x</script>"}},
        {"output_type": "display_data", "data": {"application/javascript": "x"}},
        {"output_type": "display_data", "data": {"image/png": "no picture"}},
        {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m", "<b>"]},
        {"output_type": "error", "traceback": ["\x1b[0;31mValueError", 7]},
        {"output_type": "stream", "text": "x" * 100_000},
        None,
    ]
    code = {"cell_type": "code", "source": "1", "outputs": outputs, "metadata": {}}
    made = autograded(course_cells, [code], record("ada")).cells[0].outputs
    assert [output.output_type for output in made] == ["display_data", *["stream"] * 3]
    assert set(made[0].data) == {"image/png"}
    assert [output.text[:12] for output in made[1:]] == ["red<b>", "ValueError", "x" * 12]
    assert len(made[3].text) < 10_000


@pytest.fixture(scope="module")
def hostile(solution: Solution) -> NotebookNode:
    """A notebook with script wherever a student can write."""
    notebook = samples.right(solution)
    for cell in notebook.cells:
        cell.source = f"{SCRIPT}\n\n{MORE}\n\n{cell.source}"
        if cell.cell_type == "code":
            bundle = {"text/html": SCRIPT, "text/plain": SCRIPT}
            cell.outputs = [
                {"output_type": "display_data", "data": bundle},
                {"output_type": "stream", "name": "stdout", "text": SCRIPT},
                {"output_type": "error", "traceback": [SCRIPT]},
            ]
    notebook.cells.append({"cell_type": "raw", "source": SCRIPT, "metadata": {}})
    return nbformat.from_dict(notebook)


def dangers(page: Opened) -> list[str]:
    """What a page of nbgrader's holds that only a student can have put there.

    A web address that is written out becomes an ordinary link; a picture would be fetched unasked.
    """
    links = [link for link in page.links if ":" in link.split("/")[0] and link[:4] != "http"]
    counted = ("img", "iframe", "video", "svg", "details", "form", "base", "source")
    return [*links, *page.ran, *(tag for tag in counted if page.tags.get(tag))]


def test_what_a_student_wrote_is_not_live_in_formgrader(
    hostile: NotebookNode, course_cells: NotebookNode, tmp_path: Path
):
    made = autograded(course_cells, handed_in(hostile), record("ada", points=0))
    plain = autograded(course_cells, [], record("ada", points=0))
    page, empty = Opened(formgrader(made)), Opened(formgrader(plain))
    assert dangers(page) == dangers(empty) == ["handler onclick on span"], "nbgrader's own"
    assert page.tags["script"] == empty.tags["script"]
    assert page.tags["input"] == empty.tags["input"], "fields for marks, and none of a student's"
    assert "alert(1)" in page.text


@pytest.mark.browser
def test_what_a_student_wrote_is_not_live_in_nbgraders_feedback(course, hostile: NotebookNode):
    handed = course.hand_in("ada", hostile)
    course.keep(handed, points=0.0, message=f"error: {SCRIPT}", answer=SCRIPT)
    config = Config()
    config.CourseDirectory.root = str(course.folder)
    config.CourseDirectory.course_id = course.gradebook.directory.course_id
    done = NbGraderAPI(config=config).generate_feedback(handed.assignment, "ada")
    assert done["success"], done
    file = course.folder / "feedback" / "ada" / handed.assignment / f"{handed.assignment}.html"
    page = open_page(file)
    assert page.title != "taken"
    assert dangers(page) == []
    assert "error: " in page.text


@pytest.mark.parametrize(
    "text",
    ["The value is $a < b$ and `x[0]`.", "# Heading\n\n- one\n- **two**", "a & b, ᾱ_t, 50 % > 3"],
)
def test_an_honest_answer_stays_as_it_is(text: str):
    assert harmless(text) == text
