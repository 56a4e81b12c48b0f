"""`make release`: build the student notebooks in `notebooks/` from the sources in `solutions/`.

Runs the preprocessors of nbgrader's `generate_assignment`, without needing a course folder or a
gradebook.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.source import (
    Source,
    SourceError,
    asked_functions,
    read_source,
    refuse_todos,
)
from autograder.paths import ROOT
from pset.course import course_file, read_course
from pset.files import write_whole

SOLUTIONS = ROOT / "solutions"
NOTEBOOKS = ROOT / "notebooks"

# The order of nbgrader's GenerateAssignment. ClearHiddenTests comes last but for the second
# ComputeChecksums, whose result `nbgrader validate` checks.
PREPROCESSORS = (
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
)

Status = Literal["written", "unchanged", "drifted", "missing", "left over"]


@dataclass(frozen=True)
class Released:
    """The result for one notebook.

    Args:
        path: of the student notebook.
        status: "written" anew or "unchanged"; when only checking, "unchanged", "drifted" from its
            source, "missing", or "left over" from a source that is gone.
        diff: the first differing lines, for "drifted".
    """

    path: Path
    status: Status
    diff: str = ""

    @property
    def up_to_date(self) -> bool:
        """Whether the file now matches its source."""
        return self.status in ("written", "unchanged")


def release(
    check: bool = False,
    out: Path = NOTEBOOKS,
    solutions: Path = SOLUTIONS,
    course: Path | None = None,
) -> list[Released]:
    """Write the student notebook of every assignment, or check whether it's up to date.

    Args:
        check: only compare, write nothing.
        out: folder of the student notebooks.
        solutions: folder of the sources.
        course: a `course.toml`; None for the checkout's.

    Raises:
        SourceError: a source cannot become an assignment; names file and line.
    """
    settings = read_course(course or course_file())
    results = []
    for source in read_sources(solutions, settings):
        data = to_bytes(student_notebook(instructor_notebook(source, settings)))
        results.append(_compare_or_write(out / f"{source.name}.ipynb", data, check))
    known = {result.path.name for result in results}
    for path in sorted(out.glob("*.ipynb")):
        if path.name not in known:
            results.append(Released(path, "left over"))
    return results


def read_sources(solutions: Path, settings: dict[str, Any]) -> list[Source]:
    """The sources of all assignments that `course.toml` lists, in its order.

    Raises:
        SourceError: a source is missing, not listed, or wrong.
    """
    names = [assignment["name"] for assignment in settings["assignments"]]
    there = sorted(path.stem for path in solutions.glob("[0-9]*.py"))
    for name in names:
        if name not in there:
            raise SourceError(f"course.toml lists {name!r}, but there's no {solutions}/{name}.py.")
    for name in there:
        if name not in names:
            raise SourceError(
                f"{solutions}/{name}.py isn't an assignment in course.toml; list it there."
            )
    functions = asked_functions()
    sources = [
        read_source(solutions / f"{name}.py", functions, settings["points"]) for name in names
    ]
    for source in sources:
        refuse_todos(source)
    return sources


def student_notebook(notebook: NotebookNode) -> NotebookNode:
    """A copy of the instructor's notebook without solutions and hidden tests, cells locked."""
    student: NotebookNode = nbformat.from_dict(notebook)
    for preprocessor in PREPROCESSORS:
        student, _ = preprocessor().preprocess(student, {})
    nbformat.validate(student)
    return student


def to_bytes(notebook: NotebookNode) -> bytes:
    """Serialise a notebook: keys sorted, UTF-8, one newline at the end."""
    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode()


def _compare_or_write(path: Path, data: bytes, check: bool) -> Released:
    before = path.read_bytes() if path.is_file() else None
    if before == data:
        return Released(path, "unchanged")
    if not check:
        write_whole(path, data)
        return Released(path, "written")
    if before is None:
        return Released(path, "missing")
    return Released(path, "drifted", _short_diff(path, before, data))


def _short_diff(path: Path, before: bytes, after: bytes, lines: int = 20) -> str:
    diff = list(
        difflib.unified_diff(
            before.decode(errors="replace").splitlines(),
            after.decode().splitlines(),
            f"{path.name} as it is",
            f"{path.name} from its source",
            lineterm="",
            n=1,
        )
    )
    if len(diff) > lines:
        diff[lines:] = [f"… and {len(diff) - lines} more lines"]
    return "\n".join(diff)
