"""Answers by other hands: right and wrong answers to the course's exercises.

They were written from the text of the notebooks alone (its markdown, and the functions' signatures
and docstrings), by people who knew neither the solutions nor the checks. So they show what a check
makes of answers that it wasn't made for. A wrong answer comes with its mistake in a short sentence;
an answer to an open question does something that the text leaves to the student.

Every answer is a function with the notebook's signature; call it by position. For exercise 1.4 the
notebook asks for two functions: an answer that has its own `strided_timesteps` brings it along.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

MODULES = (
    *("e1_1", "e1_2", "e1_3", "score", "e1_4", "e1_5"),
    *("e1_6", "e1_7", "e1_8", "e1_9", "e1_10", "e1_11"),
)


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise.

    Attributes:
        exercise: such as "1.1" or "score".
        function: with the notebook's signature.
        right: None where the text leaves the matter open.
        mistake: the mistake, or what the text leaves open; empty for a right answer.
        strided_timesteps: 1.4 only: the answer's own, where it has one.
    """

    exercise: str
    function: Callable
    right: bool | None
    mistake: str = ""
    strided_timesteps: Callable | None = None


_ANSWERS: list[Answer] = []


def _add(exercise, right, mistake, strided_timesteps):
    def decorate(function):
        _ANSWERS.append(Answer(exercise, function, right, mistake, strided_timesteps))
        return function

    return decorate


def right(exercise, strided_timesteps=None):
    """Mark a right answer."""
    return _add(exercise, True, "", strided_timesteps)


def wrong(exercise, mistake, strided_timesteps=None):
    """Mark a wrong answer; the mistake in a short plain sentence."""
    return _add(exercise, False, mistake, strided_timesteps)


def open_question(exercise, question, strided_timesteps=None):
    """Mark an answer that decides something which the notebook's text leaves open."""
    return _add(exercise, None, question, strided_timesteps)


def answers() -> list[Answer]:
    """All answers, in the order of the exercises."""
    for name in MODULES:
        import_module(f"{__name__}.{name}")
    return list(_ANSWERS)
