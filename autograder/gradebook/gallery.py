"""The gallery: all students' pictures side by side, with their written answers.

The pictures come from the outputs of the notebooks as handed in; no student code is run.
"""

import base64
import hashlib
import io
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from autograder.course.solution import Solution
from autograder.gradebook.hand_marks import HandMark
from autograder.grading.feedback import templates
from autograder.grading.records import Question
from autograder.sandbox.reading import OpenFile, Reader
from autograder.submission.file import read_bytes
from autograder.submission.find import Submission, candidates
from autograder.submission.notebook import Cell, Unreadable
from autograder.text import on_one_line, printable
from pset.course import course_file, points_for, read_course

NAME = re.compile(r"""["']([0-9]+\.[0-9]+_\w{1,60})["']""")
"""How a cell names its figure: `pset.show(…, name="1.9_chosen")`."""

OTHERS = "unnamed"
MOST_PICTURES = 40
"""The most pictures shown of one student."""
WIDTH = 900
"""The width of a picture on the page, in pixels."""


@dataclass(frozen=True)
class Shown:
    """A picture: its name, and a JPEG in base64."""

    name: str
    data: str


@dataclass(frozen=True)
class Entry:
    """One student's entry.

    Args:
        student: whose.
        pictures: the chosen ones first.
        questions: with the answers.
        remark: on the notebook; may be empty.
    """

    student: str
    pictures: list[Shown] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    remark: str = ""

    @property
    def chosen(self) -> list[Shown]:
        """The pictures that the student chose, or else the first picture."""
        return [p for p in self.pictures if p.name.endswith("chosen")] or self.pictures[:1]

    @property
    def others(self) -> list[Shown]:
        """All other pictures."""
        return [picture for picture in self.pictures if picture not in self.chosen]


def in_gallery(settings: Mapping[str, Any]) -> list[str]:
    """The assignments with pictures to mark: those with `gallery = true` in `course.toml`."""
    return [a["name"] for a in settings["assignments"] if a.get("gallery", False)]


def entry(
    submission: Submission, solution: Solution, reader: Reader, anonymous: bool = False
) -> Entry:
    """Collect a student's pictures and answers; if the file can't be read, a remark says so.

    Args:
        submission: what was handed in.
        solution: of its assignment; says which figures are the student's.
        reader: reads the file.
        anonymous: whether to leave out the file's name, which students often put theirs in.
    """
    cells: list[Cell] = []
    pictures: list[Shown] = []
    remark = file_name = ""
    count = 0
    try:
        for path in candidates(submission):
            file_name = path.name
            with reader.open(read_bytes(path), on_one_line(path.name)) as file:
                cells = file.cells()
                chosen = _choose(cells, solution)
                count = len(chosen)
                pictures = _draw(chosen[:MOST_PICTURES], file)
            if count:  # otherwise, another copy may be the finished one
                break
    except Unreadable as error:
        remark = str(error)
        if anonymous:
            for name in (file_name, on_one_line(file_name)):
                remark = remark.replace(name, "This file")
    except OSError as error:
        remark = f"The submission can't be read: {error.strerror}."
    if cells and not count:
        remark = (
            "There are no pictures in this notebook: it was handed in without outputs. Run it, or "
            "ask for it with outputs."
        )
    elif len(pictures) < count:
        remark = (
            f"Showing {len(pictures)} of {count} pictures; the others are too many, too large or "
            "damaged."
        )
    answers = {cell.grade_id: cell.source for cell in reversed(cells)} if cells else None
    questions = [Question.asked(name, points_for(name), answers) for name in solution.questions]
    return Entry(submission.student, pictures, questions, printable(remark))


def page(
    solution: Solution,
    entries: Sequence[Entry],
    given: Iterable[HandMark] = (),
    action: str = "",
    anonymous: bool = False,
) -> str:
    """The page of one assignment.

    Args:
        solution: of the assignment.
        entries: one for each student.
        given: marks by hand that are already in the gradebook.
        action: URL to send marks to; without one, a button saves them as `marks.csv`.
        anonymous: whether to number the students, in an order that their names don't tell. The
            names are still in the page's source, which the marks go by.
    """
    if anonymous:
        entries = sorted(entries, key=lambda entry: _shuffled(solution.assignment, entry.student))
    script = files("autograder").joinpath("templates/gallery.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return templates.get_template("gallery.html").render(
        course=read_course(course_file())["course"],
        assignment=solution.assignment,
        entries=entries,
        marks={(mark.student, mark.question): mark for mark in given},
        action=action,
        script=Markup(script),  # our own file
        digest=digest,
        anonymous=anonymous,
        sheet=secrets.token_urlsafe(16),
    )


def _shuffled(assignment: str, student: str) -> str:
    """The same order each time the page is made, and another one for each assignment."""
    return hashlib.sha256(f"{assignment} {student}".encode("utf-8", "replace")).hexdigest()


def _choose(cells: Iterable[Cell], solution: Solution) -> list[tuple[str, int]]:
    """The student's own pictures, by name and number, in the order of the page.

    Chosen pictures come first, then those of the notebook in its order, then all others.
    """
    theirs = _names(cell.text for cell in solution.source.cells if cell.role == "needs")
    everybodys = _names(cell.text for cell in solution.source.cells).keys() - theirs.keys()
    found: list[tuple[int, str, int]] = []
    for cell in cells:
        names = NAME.findall(cell.source) if cell.is_code else []
        if names and everybodys.issuperset(names):
            continue
        names = [name for name in names if name not in everybodys] or [OTHERS]
        numbers = [output.picture for output in cell.outputs if output.picture is not None]
        for k, number in enumerate(numbers):
            name = names[min(k, len(names) - 1)]
            place = theirs.get(name, len(theirs) + (name == OTHERS))
            found.append((-1 if name.endswith("chosen") else place, name, number))
    found.sort(key=lambda picture: picture[0])
    return [(name, number) for _, name, number in found]


def _draw(chosen: Iterable[tuple[str, int]], file: OpenFile) -> list[Shown]:
    """The pictures that can be read, as JPEGs."""
    pictures = []
    for name, number in chosen:
        if picture := file.picture(number, WIDTH):
            jpeg = io.BytesIO()
            picture.save(jpeg, "JPEG", quality=88)
            pictures.append(Shown(name, base64.b64encode(jpeg.getvalue()).decode()))
    return pictures


def _names(texts: Iterable[str]) -> dict[str, int]:
    """The figures that cells of a source name, with their places in it."""
    names = dict.fromkeys(name for text in texts for name in NAME.findall(text))
    return {name: k for k, name in enumerate(names)}
