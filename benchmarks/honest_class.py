"""Thirty honest submissions: right, right otherwise, mistaken, untouched; eight assignments."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from autograder.course.solution import Solution
from autograder.demo import samples
from autograder.submission.find import Submission
from autograder.submission.slicing import needed, parse
from pset.checks import ALL_CHECKS
from solutions.variants import Variant, variants_of

UNTOUCHED = ("01_denoising", "02_iterative_denoising", "05_inpainting", "08_upsampling")


def hand_in_all(submitted: Path, solutions: dict[str, Solution], count: int) -> list[Submission]:
    """Write submissions where nbgrader and the grader look for them.

    Args:
        submitted: the folder.
        solutions: of the course.
        count: how many of the thirty: spread over the kinds.
    """
    everybody = list(_everybody(solutions))
    step = len(everybody) / count
    chosen = [everybody[int(k * step)] for k in range(count)]
    for student, assignment, notebook in chosen:
        samples.hand_in(submitted, student, assignment, notebook)
    return [
        Submission(student, assignment, submitted / student / assignment)
        for student, assignment, _ in chosen
    ]


def variant_source(exercise: str, variant: Variant) -> str:
    """A right answer of `solutions/variants/` as a student might write it, in one cell."""
    function = ALL_CHECKS[exercise].function
    module = inspect.getmodule(variant)
    name = next(name for name, value in vars(module).items() if value is variant)
    body = ast.parse(inspect.getsource(module)).body
    for node in body:
        if isinstance(node, ast.FunctionDef):
            node.decorator_list = [d for d in node.decorator_list if "variant(" not in _text(d)]
    body += ast.parse(f"{function} = {name}").body
    statements = needed(parse([ast.unparse(ast.Module(body, []))]).statements, [function])
    return "\n\n\n".join(ast.unparse(statement.node) for statement in statements) + "\n"


def _everybody(solutions: dict[str, Solution]) -> Iterator[tuple[str, str, object]]:
    for name, solution in solutions.items():
        yield f"right-{name}", name, samples.right(solution)
        if name in UNTOUCHED:
            yield f"untouched-{name}", name, samples.untouched(solution)
        mistakes = {e: ALL_CHECKS[e].mistakes[0].key for e in solution.exercises}
        yield f"mistaken-{name}", name, samples.mistaken(solution, mistakes)
        others = {e: variant_source(e, variants_of(e)[0]) for e in solution.exercises}
        yield f"otherwise-{name}", name, samples.rewritten(solution, others)
    for name in ("01_denoising", "02_iterative_denoising"):
        solution = solutions[name]
        last = {e: ALL_CHECKS[e].mistakes[-1].key for e in solution.exercises[:1]}
        yield f"half-{name}", name, samples.mistaken(solution, last)


def _text(node: ast.expr) -> str:
    return ast.unparse(node)
