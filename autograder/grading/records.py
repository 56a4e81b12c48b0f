"""The record of a graded submission: as data, as Gradescope's results.json, in grades.csv."""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ValidationError

from autograder.challenge.entry import Entry
from autograder.course.instructor_notebook import grade_id
from autograder.files.csv import Writer
from autograder.grading.late import Lateness
from autograder.grading.roster import Person, kept_people
from autograder.submission.notebook import UNTOUCHED
from autograder.text import printable
from pset.checks.definition import Check, heading
from pset.checks.judging import Verdict
from pset.files import write_whole

RESULTS = "results.json"
FEEDBACK = "feedback.html"
BY_HAND = "To be marked by hand."


class Mark(BaseModel):
    """The verdict on one exercise, without its pictures.

    Args:
        fingerprint: of the tensors of an unknown mistake, see `grading/fingerprint.py`.
        code: of a right answer, with what it needs.
    """

    exercise: str
    title: str
    function: str
    status: str
    points: float
    max_points: float
    message: str
    mistake: str | None = None
    difference: float | None = None
    fingerprint: str = ""
    code: str = ""

    @classmethod
    def of(cls, verdict: Verdict, fingerprint: str = "") -> "Mark":
        """The part of a verdict that is kept, with the fingerprint of an unknown mistake."""
        names = cls.model_fields.keys() - {"fingerprint", "code"}
        return cls(**{name: getattr(verdict, name) for name in names}, fingerprint=fingerprint)

    @classmethod
    def waiting(cls, check: Check, max_points: float) -> "Mark":
        """For an exercise that hasn't been graded yet."""
        return cls(
            exercise=check.exercise,
            title=check.title,
            function=check.function,
            status="waiting",
            points=0.0,
            max_points=max_points,
            message="Not graded yet, or time ran out before it could be graded.",
        )


class Question(BaseModel):
    """A written question: the student's answer (None if its cell is missing), and its points."""

    exercise: str
    max_points: float
    answer: str | None

    @classmethod
    def asked(cls, exercise: str, max_points: float, answers: Mapping[str, str] | None) -> Self:
        """A question and what was answered.

        Args:
            exercise: "1.9-question".
            max_points: of it.
            answers: nbgrader's grade_id → text; None if there's no notebook.
        """
        answer = "" if answers is None else answers.get(grade_id("question", exercise))
        if answer is not None and answer.strip() == UNTOUCHED:
            answer = ""
        return cls(exercise=exercise, max_points=max_points, answer=answer and printable(answer))


class Given(BaseModel):
    """What a person gave for an exercise ("1.9") or a question ("1.9-question").

    Args:
        exercise: which.
        points: in place of what the grader gave; None leaves that.
        comment: for the student.
    """

    exercise: str
    points: float | None = None
    comment: str = ""


class Record(BaseModel):
    """One graded submission.

    Args:
        student, assignment: whose, and which.
        key: hash of everything that the grade depends on; the same key means the same grade.
        file: the name of the file that was graded.
        marks: one for each exercise.
        questions: to be marked by hand.
        notes: on the file and on cells that could not be run.
        trouble: why nothing could be graded, if so.
        failure: where that is the grader's fault, the traceback: for the instructor alone.
        given: marks and comments by hand, as far as a gradebook has told of them.
        late: how late it was handed in, and what share of its points that costs.
        seconds: that grading took.
        cpu_seconds: that the student's code used.
        isolation: layers that isolated the student's code, with a detail on each.
        lacking: libraries that the course allows and the notebook imports, but that this computer
            doesn't have; the instructor should install them.
        suspicious: what in the notebook is worth a look; for the instructor only.
        remarks: what the instructor should know about the submission's folder.
        feedback: sha256 of its feedback page.
        run: that graded it, if that run grades everything again.
        entry: in the challenge, if it has been run.
    """

    student: str
    assignment: str
    key: str
    file: str = ""
    marks: list[Mark]
    questions: list[Question] = []
    notes: list[str] = []
    given: list[Given] = []
    trouble: str | None = None
    failure: str = ""
    late: Lateness = Lateness()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    isolation: list[str] = []
    lacking: list[str] = []
    suspicious: list[str] = []
    remarks: list[str] = []
    feedback: str = ""
    run: str = ""
    entry: Entry | None = None

    def has_mark(self, exercise: str) -> bool:
        """Whether an exercise has been marked."""
        return any(mark.exercise == exercise for mark in self.marks)

    def given_for(self, exercise: str) -> Given:
        """What was given by hand for an exercise or a question; empty if nothing was."""
        found = (given for given in self.given if given.exercise == exercise)
        return next(found, Given(exercise=exercise))

    def points_of(self, mark: Mark) -> float:
        """Points of an exercise: a person's, where one gave some."""
        given = self.given_for(mark.exercise).points
        return mark.points if given is None else given

    @property
    def exercises_by_hand(self) -> list[tuple[Mark, Given]]:
        """The exercises of which a person changed the points, or on which one commented."""
        pairs = [(mark, self.given_for(mark.exercise)) for mark in self.marks]
        return [(m, given) for m, given in pairs if given.points is not None or given.comment]

    @property
    def score(self) -> float:
        """Points earned so far; those of questions once a person has given them."""
        return sum(self.points_of(mark) for mark in self.marks) + sum(
            self.given_for(question.exercise).points or 0.0 for question in self.questions
        )

    @property
    def penalty(self) -> float:
        """How many of these points the late penalty takes off."""
        return round(self.late.share * self.score, 4)

    @property
    def total(self) -> float:
        """The score after the late penalty."""
        return self.score - self.penalty

    @property
    def max_score(self) -> float:
        """The maximum points for what's been marked: all exercises, and some of the questions."""
        every = sum(mark.max_points for mark in self.marks)
        return every + sum(question.max_points for question in self.questions) - self.by_hand

    @property
    def by_hand(self) -> float:
        """Points that wait for a person."""
        return sum(
            question.max_points
            for question in self.questions
            if self.given_for(question.exercise).points is None
        )


def as_gradescope(record: Record) -> dict[str, Any]:
    """The record in Gradescope's format; `extra_data` contains all of it."""
    tests: list[dict[str, Any]] = [
        {
            "name": heading(mark.exercise, mark.title),
            "number": mark.exercise,
            "score": record.points_of(mark),
            "max_score": mark.max_points,
            "status": "passed" if mark.status == "right" else "failed",
            "output": mark.message,
            "output_format": "text",
            "visibility": "visible",
        }
        for mark in record.marks
    ]
    tests += [
        {
            "name": f"Question {question.exercise.removesuffix('-question')}",
            "number": question.exercise,
            "score": given.points or 0.0,
            "max_score": question.max_points,
            "output": BY_HAND if given.points is None else given.comment,
            "output_format": "text",
            "visibility": "visible",
            "tags": ["by hand"],
        }
        for question in record.questions
        for given in [record.given_for(question.exercise)]
    ]
    return {
        "score": record.total,
        "execution_time": round(record.seconds, 3),
        "output": "\n".join(filter(None, [record.trouble, record.late.remark, *record.notes])),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": record.model_dump(mode="json"),
    }


def save_record(folder: Path, record: Record) -> None:
    """Write `results.json` atomically."""
    text = json.dumps(as_gradescope(record), indent=2, ensure_ascii=False)
    # JSON allows lone surrogates in a notebook, but UTF-8 doesn't.
    write_whole(folder / RESULTS, text.encode("utf-8", "replace") + b"\n")


def load_record(folder: Path) -> Record | None:
    """The record in a folder; None if there isn't a valid one."""
    try:
        content = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        return Record.model_validate(content["extra_data"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None


def has_its_page(folder: Path, record: Record) -> bool:
    """Whether the feedback page of a record is there and complete."""
    try:
        return hash_of_page((folder / FEEDBACK).read_bytes()) == record.feedback
    except OSError:
        return False


def hash_of_page(page: bytes) -> str:
    """The hash by which a record identifies its page."""
    return hashlib.sha256(page).hexdigest()


def load_records(results: Path) -> list[Record]:
    """The records of all submissions graded into a folder."""
    folders = sorted(path.parent for path in results.glob(f"*/*/{RESULTS}"))
    return [record for folder in folders if (record := load_record(folder)) is not None]


def write_grades(path: Path, records: Iterable[Record]) -> None:
    """Write `grades.csv`: a row for each submission, a column for each exercise.

    Names and e-mail addresses are those of the roster beside it, if there is one.
    """
    people = kept_people(path.parent)
    records = sorted(records, key=lambda record: (record.assignment, record.student))
    exercises = list(dict.fromkeys(mark.exercise for r in records for mark in r.marks))
    questions = list(dict.fromkeys(q.exercise for r in records for q in r.questions))
    table = io.StringIO()
    writer = Writer(table)
    first = [
        "student",
        "name",
        "email",
        "assignment",
        "total",
        "maximum",
        "by_hand",
        "late_penalty",
    ]
    writer.writerow([*first, *exercises, *questions, "comments", "isolation", "remarks"])
    for record in records:
        points = {question: record.given_for(question).points for question in questions}
        points |= {mark.exercise: record.points_of(mark) for mark in record.marks}
        comments = [f"{given.exercise}: {given.comment}" for given in record.given if given.comment]
        person = people.get(record.student, Person())
        writer.writerow(
            [record.student, person.name, person.email]
            + [record.assignment, record.total, record.max_score]
            + [record.by_hand, record.penalty]
            + [points.get(name, "") for name in (*exercises, *questions)]
            + ["\n".join(comments), ", ".join(record.isolation), in_a_line(record)]
        )
    write_whole(path, table.getvalue().encode("utf-8", "replace"))


def in_a_line(record: Record) -> str:
    """One line: why it couldn't be graded, or what's wrong; lateness; remarks on the folder."""
    if record.trouble:
        return " ".join([record.trouble, *record.remarks])
    wrong = [mark for mark in record.marks if mark.status != "right"]
    said = [f"{mark.exercise}: {mark.mistake or mark.status}" for mark in wrong]
    lacks = [f"missing here: {', '.join(record.lacking)}"] if record.lacking else []
    return "; ".join(filter(None, [*said, *lacks, record.late.remark, *record.remarks]))
