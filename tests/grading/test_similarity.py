"""Right answers that are alike: copies are found, independent answers aren't."""

import ast
import inspect
import itertools
import re
import textwrap
import types
from collections.abc import Callable

import pytest

from autograder.course.solution import Solution, read_solutions
from autograder.gradebook.class_report import class_reports, render
from autograder.grading.records import Mark, Record
from autograder.similarity.alike import LEAST, Answer, alike, forced_by
from autograder.similarity.tokens import tokens
from autograder.similarity.winnowing import NOISE, WINDOW, grams, winnow
from autograder.submission.answers import answers
from autograder.submission.notebook import MAX_ANSWER_CODE
from pset.checks import ALL_CHECKS
from solutions.variants import variants_of

SOLUTIONS = read_solutions()
EXERCISES = [exercise for solution in SOLUTIONS.values() for exercise in solution.exercises]


def written(function: Callable) -> str:
    """The lines of a right answer, and of the functions that it is built from."""
    parts = [function.func if hasattr(function, "func") else function]
    for part in parts:
        cells = getattr(part, "__closure__", None) or ()
        inside = [c.cell_contents for c in cells]
        parts += [f for f in inside if isinstance(f, types.FunctionType) and f not in parts]
    return "\n\n".join(textwrap.dedent(inspect.getsource(part)) for part in parts)


def honest(exercise: str) -> dict[str, str]:
    """Independent right answers, each by a student of its own."""
    return {f"student {k}": written(v) for k, v in enumerate(variants_of(exercise))}


def forced(exercise: str) -> frozenset[int]:
    (home,) = (s for s in SOLUTIONS.values() if exercise in s.exercises)
    return forced_by(cell.text for cell in home.source.cells if cell.kind == "code")


class Renamed(ast.NodeTransformer):
    """Give every name of the code's own another one."""

    def __init__(self, tree: ast.AST) -> None:
        names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and _is_stored(n)}
        names |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        self._new = {name: f"my_{k}" for k, name in enumerate(sorted(names))}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self._new.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._new[node.arg])


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def copied(code: str) -> str:
    """The same code with other names, comments and layout."""
    tree = ast.parse(code)
    text = ast.unparse(ast.fix_missing_locations(Renamed(tree).visit(tree)))
    return "\n".join(f"{line}   # my own idea {k}" for k, line in enumerate(text.splitlines()))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_independent_right_answers_are_not_listed(exercise: str) -> None:
    assert len(honest(exercise)) >= 4
    assert alike(honest(exercise), forced(exercise)) == []


SHORT = {
    *("1.1", "score", "1.5", "1.7", "2.1", "2.1b", "2.6", "2.8b", "2.9", "2.9b", "2.9c"),
    *("2.5", "2.12", "2.12b", "2.12e", "2.17b", "2.20", "2.21b", "2.24c"),
}
"""Exercises whose answers are too short, or too much the same line, to be anybody's own."""


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_copy_with_other_names_is_found_where_the_code_is_long_enough(exercise: str) -> None:
    if exercise in SHORT:
        pytest.skip("a line or two that a formula forces")
    given = forced(exercise)
    others = honest(exercise)
    own = {student: Answer(code, given).own for student, code in others.items()}
    # Several variants are built on the same few lines.
    alone = {s: own[s].difference(*(own[o] for o in own if o != s)) for s in own}
    long = [student for student in own if len(alone[student]) >= 1.5 * LEAST]
    for student in long:
        pairs = alike({**others, "copier": copied(others[student])}, given)
        (pair,) = (p for p in pairs if {s.student for s in p.sides} == {student, "copier"})
        assert pair.share >= 0.8
    assert long


def test_one_that_was_copied_in_part_and_added_to_is_found() -> None:
    given, others = forced("1.4"), honest("1.4")
    copy = others["student 1"] + "\n\n" + honest("1.11")["student 0"]
    (pair,) = alike({**others, "copier": copy}, given)
    assert {side.student for side in pair.sides} == {"student 1", "copier"}


def test_the_solution_and_what_many_share_are_common_ground() -> None:
    given, code = forced("1.4"), honest("1.4")["student 1"]
    (cell,) = (
        c
        for s in SOLUTIONS.values()
        for c in s.source.cells
        if c.role == "exercise" and c.exercises == ("1.4",)
    )
    assert alike({"a": cell.text, "b": copied(cell.text)}, given) == []
    assert len(alike({"a": code, "b": copied(code)}, given)) == 1
    assert alike({f"s{k}": code for k in range(300)}, given) == []


def test_the_shared_passages_are_marked_and_nothing_of_the_code_is_lost() -> None:
    given, code = forced("1.4"), honest("1.4")["student 1"]
    (pair,) = alike({"a": code, "b": copied(code)}, given)
    for side, original in zip(pair.sides, (code, copied(code)), strict=True):
        assert "".join(text for text, _ in side.pieces) == original
        marked = "".join(text for text, is_shared in side.pieces if is_shared)
        assert "torch.sqrt" in marked


def test_names_are_compared_by_where_they_come_again() -> None:
    def first(code: str) -> int:
        return grams(tokens(code))[0]

    one = "a = b * a + c.sqrt() - b * c"
    assert first(one) == first("x   = y*x +z.sqrt( ) # the root\n - y * z")
    assert first(one) != first(one.replace("b * a", "b * b"))
    assert first(one) != first(one.replace("sqrt", "abs")), "a library's name is no one's own"


def test_a_long_enough_shared_passage_always_shares_a_fingerprint() -> None:
    """The guarantee of Schleimer et al.: any k + w − 1 tokens in a row."""
    code = honest("1.4")["student 3"]
    found = tokens(code)
    whole = set(winnow(grams(found)).values())
    length = NOISE + WINDOW - 1
    for k in range(len(found) - length + 1):
        passage = winnow(grams(found[k : k + length]))
        assert whole & set(passage.values()), f"tokens {k} to {k + length}"


def test_strings_and_comments_hide_nothing() -> None:
    code = 'x = """a # b\n"c" \\""" """ + y # "z\nw = \'#\' + f"{1}"'
    texts = [token.text for token in tokens(code)]
    assert texts == ["x", "=", '"', "+", "y", "w", "=", '"', "+", '"']
    assert [t.text for t in tokens('a = "never closed\nb')] == ["a", "=", '"', "b"]
    assert [t.text for t in tokens('a = """never closed\nb')] == ["a", "=", '"']


def test_parentheses_that_only_group_hide_nothing() -> None:
    def texts(code: str) -> list[str]:
        return [token.text for token in tokens(code)]

    bare = "def f(x): return g(x)(1), h[0](x), -x, x.sqrt()"
    assert texts("def f(x): return ((g(x)(1)), (h[0])(x), -((x)), (x.sqrt()))") == texts(bare)
    assert texts("return (a, (b))") == ["return", "a", ",", "b"]
    assert texts("a(b) ) (c") == ["a", "(", "b", ")", ")", "(", "c"]


def test_the_sandbox_gives_a_function_with_what_it_needs_as_it_was_written() -> None:
    cells = [
        "import torch\nscale = 2  # mine\nunused = 1",
        "@torch.no_grad()\ndef f(x):\n    # why\n    return g(x) * scale",
        "%matplotlib inline\ndef g(x): return x\nwith pset.your_code():\n    f(1)",
        "def broken(:",
    ]
    found = answers(cells, ["f", "absent"])
    assert found["f"] == (
        "scale = 2  # mine\n\n"
        "@torch.no_grad()\ndef f(x):\n    # why\n    return g(x) * scale\n\n"
        "def g(x): return x"
    )
    assert found["absent"] == ""
    odd = answers(["# \x0c \u2028\rx = 1\r\ndef f():\n    return x"], ["f"])["f"]
    assert odd == "x = 1\n\ndef f():\n    return x"
    long = answers([f"def f():\n    return '{'x' * 99_999}'"], ["f"])["f"]
    assert len(long) == MAX_ANSWER_CODE


def right(student: str, exercise: str, code: str) -> Record:
    check = ALL_CHECKS[exercise]
    mark = Mark(
        exercise=exercise, title=check.title, function=check.function, status="right", points=1,
        max_points=1, message="", code=code,
    )  # fmt: skip
    return Record(student=student, assignment="02_iterative_denoising", key="k", marks=[mark])


def test_the_class_report_shows_both_side_by_side_and_escaped() -> None:
    code = honest("1.4")["student 1"] + "\n# <script>alert(1)</script>"
    records = [right("ada", "1.4", code), right("bob", "1.4", copied(code))]
    (report,) = class_reports(records)
    assert [len(answers.pairs) for answers in report.alike] == [1]
    page = render([report]).decode()
    assert re.search(r"<summary>\d+ %: ada and bob<", page)
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_wrong_answers_and_records_without_code_are_not_compared() -> None:
    code = honest("1.4")["student 1"]
    records = [right("ada", "1.4", code), right("bob", "1.4", ""), right("eve", "1.4", code)]
    records[2].marks[0].status = "wrong"
    assert class_reports(records)[0].alike == []


def test_work_grows_with_the_class_and_not_with_its_square(monkeypatch) -> None:
    """300 take three times as many comparisons as 100, not nine times."""
    solution: Solution = SOLUTIONS["02_iterative_denoising"]
    given = forced_by(cell.text for cell in solution.source.cells)
    bases = [
        code for exercise in ("1.4", "1.6", "1.8", "1.11") for code in honest(exercise).values()
    ]
    compared: list[int] = []
    original = itertools.combinations

    def counted(those: list[str], size: int):
        compared.append(len(those) * (len(those) - 1) // 2)
        return original(those, size)

    monkeypatch.setattr("autograder.similarity.alike.combinations", counted)

    def pairs(count: int) -> int:
        compared.clear()
        alike({f"s{k}": bases[k % len(bases)] + f"\n{k} + {k}" for k in range(count)}, given)
        return sum(compared)

    assert pairs(100) > 0
    assert pairs(300) <= 3.5 * pairs(100)
