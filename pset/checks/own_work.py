"""Keep students from calling the course's own answer to an exercise.

`pset` contains answers to some exercises, so that you can do a later one without having finished an
earlier one. Exercise 1.6 may call `pset.iterative_denoise`; exercise 1.4, which asks for that loop,
may not. A check names its answers (`Check.answers`). While it calls a student's function, they are
withdrawn: calling one raises `Borrowed`, under whatever name it was imported.

This is a rule of the course, not a security boundary. Copying the source of `pset` gets past it,
and so does copying from a friend. `[rules]` in `course.toml` switches it off.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

from pset.checks.definition import Check
from pset.course import course_file, read_course


class Borrowed(BaseException):
    """A withdrawn function was called. Not an Exception, so `except Exception` doesn't catch it.

    Attributes:
        name: of the function, as students know it: "pset.iterative_denoise".
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def withdrawn_for(check: Check) -> Mapping[str, Callable[..., Any]]:
    """The functions that a student's answer to this check isn't allowed to call, by name."""
    return check.answers if own_work_is_asked_for() else {}


@cache
def own_work_is_asked_for() -> bool:
    """Whether the installed course has the rule switched on."""
    return is_asked_for_by(read_course(course_file()))


def is_asked_for_by(course: Mapping[str, Any]) -> bool:
    """Whether a course has the rule switched on: it has, unless its `course.toml` says otherwise.

    Raises:
        ValueError: `own_work` isn't true or false.
    """
    value = course.get("rules", {}).get("own_work", True)
    if not isinstance(value, bool):
        raise ValueError(f"own_work in course.toml must be true or false, not {value!r}.")
    return value


@contextlib.contextmanager
def withdrawn(functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    """Make these functions raise `Borrowed` within the block.

    It replaces their code, not their names, so it works for aliases made earlier too.
    """
    kept = {name: (function, function.__code__) for name, function in functions.items()}
    try:
        for name, (function, code) in kept.items():
            assert isinstance(function, FunctionType)
            function.__code__ = _refuse.__code__.replace(co_name=name, co_freevars=code.co_freevars)
        yield
    finally:
        for function, code in kept.values():
            function.__code__ = code


def sentence(check: Check, name: str) -> str:
    """The message for a student who called a withdrawn function."""
    return (
        f"Your `{check.function}` calls `{name}`, which does this exercise for you. Write it "
        "yourself. You may use everything else in pset, its versions of earlier exercises included."
    )


def _refuse(*arguments: object, **options: object) -> None:
    # Runs with the globals of the function whose code it stands for, so it brings its own names.
    import sys

    from pset.checks.own_work import Borrowed

    raise Borrowed(sys._getframe().f_code.co_name)
