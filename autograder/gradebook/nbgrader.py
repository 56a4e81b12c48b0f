"""Save marks in an nbgrader course: in its gradebook, and in the files that formgrader shows.

This records what nbgrader's `generate_assignment` and `autograde` would, through nbgrader's own
API and preprocessors, but without running student code. Anything entered by hand (marks, extra
credit, comments, extensions) is never changed.
"""

import hashlib
import json
import os
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
    SaveCells,
)
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from traitlets.config.loader import PyFileConfigLoader

from autograder.course.instructor_notebook import grade_id, instructor_notebook
from autograder.course.release import to_bytes
from autograder.course.solution import Solution
from autograder.errors import CommandError
from autograder.gradebook.formgrader_notebook import autograded_notebook, harmless
from autograder.gradebook.hand_marks import HandMark
from autograder.grading.by_hand import save_given
from autograder.grading.late import NO_EXTENSION, HandIn, Lateness, LatePolicy, handed_in
from autograder.grading.records import FEEDBACK, Given, Mark, Question, Record
from autograder.sandbox.reading import Reader
from autograder.submission.file import read_bytes
from autograder.submission.find import TIMESTAMP, Submission, candidates
from autograder.submission.notebook import Unreadable
from autograder.text import on_one_line
from pset.files import write_whole

CONFIG = "nbgrader_config.py"
NO_RESPONSE = "No response."
"""nbgrader's words for an answer that was left as it was released."""

# SQLAlchemy warns about the order in which nbgrader builds its rows; we can't change that.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.")

# The order of nbgrader's GenerateAssignment, up to where it looks at the cells.
BEFORE_SAVING = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ComputeChecksums)


class CourseGradebook:
    """The gradebook of an nbgrader course. Several threads may share it.

    Args:
        folder: of the course, as `release --nbgrader` writes it; its configuration is respected.
        settings: what `course.toml` says.

    Raises:
        CommandError: the folder isn't an nbgrader course, or a late rule is invalid.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        if not (folder / CONFIG).is_file():
            raise CommandError(
                f"There's no {CONFIG} in {folder}, so it isn't an nbgrader course. Run "
                f"`python -m autograder release --nbgrader {folder}` to create one.",
                usage=True,
            )
        self._settings = settings
        self._policy = LatePolicy.of(settings)
        self._notebooks: dict[str, NotebookNode] = {}
        self._guard = threading.Lock()
        config = PyFileConfigLoader(CONFIG, path=str(folder.resolve())).load_config()
        if "root" not in config.CourseDirectory:
            config.CourseDirectory.root = str(folder.resolve())
        self.directory = CourseDirectory(config=config)

    @contextmanager
    def opened(self) -> Iterator[Gradebook]:
        """nbgrader's gradebook, for one thread at a time.

        Raises:
            CommandError: the database can't be used; says what isn't lost.
        """
        # nbgrader runs `alembic` by name, and this environment may not be activated.
        programs = str(Path(sys.executable).parent)
        if programs not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
        with self._guard:
            try:
                with Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
                    yield gradebook
            except SQLAlchemyError as error:
                raise CommandError(
                    f"The gradebook {self.directory.db_url} can't be used: {error}. Grades in "
                    "the results aren't lost: run the same command again to add them."
                ) from error

    def register(self, solution: Solution) -> None:
        """Record an assignment and its cells, as `nbgrader generate_assignment` does.

        Raises:
            CommandError: the gradebook has submissions of this assignment with other cells.
        """
        name = solution.assignment
        notebook = course_notebook(solution, self._settings)
        due = self._policy.due.get(name)
        with self.opened() as gradebook:
            gradebook.update_or_create_assignment(name, **({"duedate": due} if due else {}))
            resources = {"notebook": name, "assignment": name, "db_url": self.directory.db_url}
            try:
                SaveCells().preprocess(nbformat.from_dict(notebook), {"nbgrader": resources})
            except RuntimeError as error:
                raise CommandError(
                    f"The gradebook has submissions of a {name} with other exercises or questions "
                    "than it has now. Start a new course folder, or run `nbgrader db assignment "
                    f"remove {name} --force` in this one, which deletes its marks, and grade again."
                ) from error
        self._notebooks[name] = notebook

    def late(self, submission: Submission) -> Lateness:
        """How late a submission is, including any extension in the gradebook."""
        extension = NO_EXTENSION
        with self.opened() as gradebook:
            try:
                found = gradebook.find_submission(submission.assignment, submission.student)
                extension = found.extension or NO_EXTENSION
            except MissingEntry:
                pass
        return self._policy.lateness(submission.assignment, handed_in(submission.folder), extension)

    def keep(self, submission: Submission, record: Record, results: Path, reader: Reader) -> Record:
        """Put a grade into the gradebook, and the notebook and its feedback next to it.

        Args:
            submission: what was handed in.
            record: its grade.
            results: the folder with the student's feedback page.
            reader: reads what was handed in.

        Returns:
            The grade with the marks that were given by hand, which the results have now as well.
        """
        folder = self._folder(self.directory.autograded_directory, record)
        path = folder / f"{record.assignment}.ipynb"
        before = _made_from(path)
        now = {"grade": record.key, "file": ""}
        course = self._notebooks[record.assignment]
        try:
            files = candidates(submission)
            file = next((f for f in files if on_one_line(f.name) == record.file), files[0])
            data = read_bytes(file)
            now["file"] = hashlib.sha256(data).hexdigest()
            if before == now and record.key:
                self._record(record, is_new=False)
                return self.bring_up_to_date(results, record)
            with reader.open(data, file.name) as opened:
                notebook = autograded_notebook(course, opened.cells(), opened.picture, record)
        except (Unreadable, OSError):  # `record.trouble` says so
            notebook = autograded_notebook(course, [], lambda number, width: None, record)
        self._record(record, is_new=before.get("file") != now["file"])
        record = save_given(results, record, self.given_to(record))
        notebook.metadata["pset"] = now
        if record.late.handed_in is not None:
            time = record.late.handed_in.astimezone(UTC)
            write_whole(folder / TIMESTAMP, f"{time:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode())
        self._copy_page(results, record)
        write_whole(path, to_bytes(notebook))  # last: if it's there, so is the rest
        return record

    def bring_up_to_date(self, results: Path, record: Record) -> Record:
        """Put marks given by hand into the results: into the record and its page.

        Returns:
            The record as it is now.
        """
        now = save_given(results, record, self.given_to(record))
        if now != record:
            self._copy_page(results, now)
        return now

    def given_to(self, record: Record) -> list[Given]:
        """What a person gave to a submission, here or in formgrader, extra credit included."""
        name = record.assignment
        with self.opened() as gradebook:
            try:
                notebook = gradebook.find_submission_notebook(name, name, record.student)
            except MissingEntry:
                return []
            grades = {grade.name: grade for grade in notebook.grades}
            comments = {comment.name: comment.manual_comment for comment in notebook.comments}
            found = []
            everything: list[Mark | Question] = [*record.marks, *record.questions]
            for asked in everything:
                grade = grades.get(cell_of(asked.exercise))
                cells = [cell_of(asked.exercise)]
                if isinstance(asked, Mark):  # a comment belongs to what the student wrote
                    cells.append(grade_id("exercise", asked.exercise))
                comment = "\n".join(filter(None, map(comments.get, cells)))
                points = None if grade is None else _by_hand(grade, isinstance(asked, Mark))
                if points is not None or comment:
                    found.append(Given(exercise=asked.exercise, points=points, comment=comment))
            return found

    def _copy_page(self, results: Path, record: Record) -> None:
        page = self._folder(self.directory.feedback_directory, record) / f"{record.assignment}.html"
        ours = results / record.student / record.assignment / FEEDBACK
        write_whole(page, ours.read_bytes())

    def give(self, marks: Sequence[HandMark]) -> list[HandMark]:
        """Record marks and comments given by hand: all of them, or if one is invalid, none.

        Returns:
            The ones that changed something in the gradebook.

        Raises:
            CommandError: a mark is for something that's not in the gradebook, or out of range.
        """
        changed = []
        with self.opened() as gradebook:
            notebooks: dict[str, SubmittedNotebook] = {}
            for mark in marks:
                notebook, grade, comment = self._graded(gradebook, mark)
                notebooks[notebook.id] = notebook
                before = (grade.manual_score, comment and comment.manual_comment)
                if mark.score is not None:
                    grade.manual_score = mark.score
                    grade.needs_manual_grade = False
                if mark.comment:
                    if comment is None:
                        raise CommandError(
                            f"{mark.where}: nbgrader can't store a comment for this cell."
                        )
                    comment.manual_comment = mark.comment
                if before != (grade.manual_score, comment and comment.manual_comment):
                    changed.append(mark)
            for notebook in notebooks.values():
                self._take_off(gradebook, notebook, self._share_of(notebook))
            gradebook.db.commit()
        return changed

    def given(self, assignment: str) -> list[HandMark]:
        """The marks by hand for written questions in the gradebook, with their comments."""
        with self.opened() as gradebook:
            try:
                submissions = gradebook.notebook_submissions(assignment, assignment)
            except MissingEntry:
                return []
            return [
                HandMark(
                    assignment=assignment,
                    student=notebook.student.id,
                    question=question,
                    score=grades[name].manual_score,
                    comment=comments[name].manual_comment or "",
                )
                for notebook in submissions
                if (grades := {grade.name: grade for grade in notebook.grades})
                and (comments := {comment.name: comment for comment in notebook.comments})
                for question in self._settings["points"]
                if (name := cell_of(question)) in grades and name in comments
            ]

    def _graded(
        self, gradebook: Gradebook, mark: HandMark
    ) -> tuple[SubmittedNotebook, Grade, Comment | None]:
        name = mark.assignment
        try:
            notebook = gradebook.find_submission_notebook(name, name, mark.student)
        except MissingEntry as error:
            raise CommandError(
                f"{mark.where}: the gradebook has no submission of {name} by {mark.student!r}. "
                "Check the names. Was it graded with --course?"
            ) from error
        cell = cell_of(mark.question)
        grade = next((grade for grade in notebook.grades if grade.name == cell), None)
        if grade is None:
            raise CommandError(f"{mark.where}: {name} has no question {mark.question!r}.")
        if mark.score is not None and not 0 <= mark.score <= grade.max_score:
            raise CommandError(
                f"{mark.where}: {mark.score:g} isn't between 0 and {grade.max_score:g}, the "
                f"points of {mark.question}."
            )
        comment = next((c for c in notebook.comments if c.name == cell), None)
        return notebook, grade, comment

    def _folder(self, pattern: str, record: Record) -> Path:
        path = self.directory.format_path(pattern, record.student, record.assignment)
        return Path(path)

    def _record(self, record: Record, is_new: bool) -> None:
        name = record.assignment
        with self.opened() as gradebook:
            gradebook.update_or_create_student(record.student)
            gradebook.update_or_create_submission(
                name, record.student, timestamp=record.late.handed_in
            )
            notebook = gradebook.find_submission_notebook(name, name, record.student)
            scores, comments = _automatic(record)
            for grade in notebook.grades:
                grade.auto_score = scores.get(grade.name)
                if grade.manual_score is None:
                    # If the grader itself failed, a person has to look.
                    grade.needs_manual_grade = grade.auto_score is None or not record.key
                elif is_new:
                    grade.needs_manual_grade = True
            for comment in notebook.comments:
                comment.auto_comment = comments.get(comment.name)
            self._take_off(gradebook, notebook, record.late.share)
            gradebook.db.commit()

    def _take_off(self, gradebook: Gradebook, notebook: SubmittedNotebook, share: float) -> None:
        """The late penalty is a share of all points, including those given by hand."""
        gradebook.db.flush()
        gradebook.db.expire(notebook)
        notebook.late_submission_penalty = round(share * notebook.score, 4) if share else None

    def _share_of(self, notebook: SubmittedNotebook) -> float:
        """The share of its points that a submission in the gradebook loses for being late."""
        submission = notebook.assignment
        time = submission.timestamp
        return self._policy.lateness(
            submission.name,
            HandIn(time and time.replace(tzinfo=UTC)),
            submission.extension or NO_EXTENSION,
        ).share


def course_notebook(solution: Solution, settings: Mapping[str, Any]) -> NotebookNode:
    """An assignment as in nbgrader's gradebook: no solutions, all tests, checksums."""
    notebook = instructor_notebook(solution.source, settings)
    for preprocessor in BEFORE_SAVING:
        notebook, _ = preprocessor().preprocess(notebook, {})
    return notebook


def cell_of(name: str) -> str:
    """nbgrader's name of the cell with the points of "1.9-question" or "1.9"."""
    return grade_id("question" if name.endswith("-question") else "check", name)


def _automatic(record: Record) -> tuple[dict[str, float], dict[str, str]]:
    """Cell → points, and cell → comment; a question without points waits for a person."""
    scores = {grade_id("check", mark.exercise): mark.points for mark in record.marks}
    comments = {
        grade_id("exercise", mark.exercise): harmless(mark.message)
        for mark in record.marks
        if mark.status != "right"
    }
    for question in record.questions:
        name = grade_id("question", question.exercise)
        if question.answer == "":
            scores[name] = 0.0
            comments[name] = NO_RESPONSE
        elif question.answer is None:
            comments[name] = (
                "The cell for this answer has lost its tag. Look for it in the notebook."
            )
    return scores, comments


def _score(grade: Grade) -> float | None:
    score: float | None = grade.auto_score if grade.manual_score is None else grade.manual_score
    return score


def _by_hand(grade: Grade, is_exercise: bool) -> float | None:
    """Points that no grader will change any more; None where the grader's own count, or none do.

    A question that was left as it was released has its 0 without a person.
    """
    is_settled = not (is_exercise or grade.auto_score is None or grade.needs_manual_grade)
    if grade.manual_score is None and not grade.extra_credit and not is_settled:
        return None
    return (_score(grade) or 0.0) + (grade.extra_credit or 0.0)


def _made_from(path: Path) -> dict[str, str]:
    """What an earlier run recorded in its notebook; empty if there isn't one."""
    try:
        return dict(json.loads(path.read_bytes())["metadata"]["pset"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
