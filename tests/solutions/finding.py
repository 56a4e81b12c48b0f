"""The functions that the solutions define, by name."""

from collections.abc import Callable
from functools import cache
from typing import Any

from autograder.course.solution import read_solutions
from pset.checks import ALL_CHECKS


@cache
def function(name: str) -> Callable[..., Any]:
    """The solutions' function of this name; the notebook that has its check defines it."""
    (solution,) = (
        solution
        for solution in read_solutions().values()
        if name in {ALL_CHECKS[exercise].function for exercise in solution.exercises}
    )
    return solution.function(name)
