"""A corpus of answers written by other hands: right and wrong ones, and ones that may be either."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

Function = Callable[..., Any]


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
    function: Function
    right: bool | None
    mistake: str = ""
    strided_timesteps: Function | None = None

    @property
    def name(self) -> tuple[str, str]:
        """The exercise, and the function's name: no other answer of the corpus has both."""
        return self.exercise, str(self.function.__name__)


class Corpus:
    """The answers in a package's modules, and where the labels of the wrong ones are.

    Args:
        package: whose `__init__.py` this is.
        modules: of the package, in the order of the exercises. They mark their answers with
            `right`, `wrong` and `open_question`.
    """

    def __init__(self, package: str, modules: Sequence[str]) -> None:
        self._package, self._modules = package, modules
        self._answers: list[Answer] = []

    def answers(self) -> list[Answer]:
        """All answers, in the order of the exercises."""
        for name in self._modules:
            import_module(f"{self._package}.{name}")
        return list(self._answers)

    def labels(self) -> Path:
        """The file with a label for each wrong answer."""
        file = import_module(self._package).__file__
        assert file is not None  # it isn't a namespace package
        return Path(file).with_name("labels.txt")

    def right(self, exercise: str, strided_timesteps: Function | None = None):
        """Mark a right answer."""
        return self._add(exercise, True, "", strided_timesteps)

    def wrong(self, exercise: str, mistake: str, strided_timesteps: Function | None = None):
        """Mark a wrong answer; the mistake in a short plain sentence."""
        return self._add(exercise, False, mistake, strided_timesteps)

    def open_question(
        self, exercise: str, question: str, strided_timesteps: Function | None = None
    ):
        """Mark an answer that decides something which the notebook's text leaves open."""
        return self._add(exercise, None, question, strided_timesteps)

    def _add(
        self,
        exercise: str,
        right: bool | None,
        mistake: str,
        strided_timesteps: Function | None,
    ) -> Callable[[Function], Function]:
        def decorate(function: Function) -> Function:
            self._answers.append(Answer(exercise, function, right, mistake, strided_timesteps))
            return function

        return decorate
