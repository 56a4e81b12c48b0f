"""Sample submissions, from the solutions and the known mistakes: for the demo and for tests."""

import ast
import inspect
import re
from collections.abc import Mapping
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.course.instructor_notebook import instructor_notebook
from autograder.course.release import student_notebook, to_bytes
from autograder.course.solution import Solution
from autograder.submission.slicing import needed, parse
from pset.checks import ALL_CHECKS
from pset.course import course_file, read_course
from pset.files import write_whole
from solutions.mistakes import mistakes_of

HIDDEN_TESTS = re.compile(r"^ *### BEGIN HIDDEN TESTS\n.*?^ *### END HIDDEN TESTS\n?", re.M | re.S)
MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n?", re.M)


def right(solution: Solution) -> NotebookNode:
    """A submission with every exercise and question done: the solution, without its marks."""
    notebook = instructor_notebook(solution.source, read_course(course_file()))
    for cell in notebook.cells:
        cell.source = MARKS.sub("", HIDDEN_TESTS.sub("", cell.source)).rstrip("\n")
    return notebook


def untouched(solution: Solution) -> NotebookNode:
    """A submission as it was released."""
    return student_notebook(instructor_notebook(solution.source, read_course(course_file())))


def rewritten(
    solution: Solution, cells: Mapping[str, str], start: NotebookNode | None = None
) -> NotebookNode:
    """A submission in which some exercises' cells hold other code.

    Args:
        solution: of the assignment.
        cells: exercise → the source of its cell.
        start: from which to start; by default the right one.
    """
    notebook = right(solution) if start is None else start
    # The notebook starts with two extra cells: the badge, and the one that installs the package.
    first = len(notebook.cells) - len(solution.source.cells)
    for cell, origin in zip(notebook.cells[first:], solution.source.cells, strict=True):
        if origin.role == "exercise" and origin.exercises[0] in cells:
            cell.source = cells[origin.exercises[0]]
    return notebook


def mistaken(solution: Solution, mistakes: Mapping[str, str]) -> NotebookNode:
    """A submission that makes known mistakes: exercise → key."""
    return rewritten(
        solution, {exercise: mistake_source(exercise, key) for exercise, key in mistakes.items()}
    )


def mistake_source(exercise: str, key: str) -> str:
    """A known mistake as a student might write it: in one cell, under the exercise's name."""
    module = inspect.getmodule(mistakes_of(exercise)[key])
    function = ALL_CHECKS[exercise].function
    body: list[ast.stmt] = []
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            # It's mistake("1.4", "no_variance")(loop(…)): it registers an expression.
            case ast.Expr(ast.Call(ast.Call() as register, [wrong])) if _is_mistake(register):
                if _registers(register, exercise, key):
                    body += ast.parse(f"{function} = {ast.unparse(wrong)}").body
            case ast.FunctionDef():
                registers = [_registers(d, exercise, key) for d in node.decorator_list]
                node.decorator_list = [d for d in node.decorator_list if not _is_mistake(d)]
                body.append(node)
                if any(registers):
                    body += ast.parse(f"{function} = {node.name}").body
            case _:
                body.append(node)
    source = ast.unparse(ast.Module(body, []))
    statements = needed(parse([source]).statements, [function])
    return "\n\n\n".join(ast.unparse(statement.node) for statement in statements) + "\n"


def _is_mistake(node: ast.expr) -> bool:
    """Whether this is a call of `solutions.mistakes.mistake`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "mistake"


def _registers(node: ast.expr, exercise: str, key: str) -> bool:
    if not _is_mistake(node):
        return False
    registered, *keys = (ast.literal_eval(argument) for argument in node.args)
    return registered == exercise and key in keys


def hand_in(
    submitted: Path, student: str, assignment: str, notebook: NotebookNode | bytes, name: str = ""
) -> Path:
    """Put a submission where the grader looks for it."""
    path = submitted / student / assignment / (name or f"{assignment}.ipynb")
    write_whole(path, notebook if isinstance(notebook, bytes) else to_bytes(notebook))
    return path
