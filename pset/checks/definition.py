"""What a check is: how inputs are made, what is called, and which mistakes are known."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True)
class Given:
    """Stands for a model or a function among a case's arguments; whoever calls makes it.

    Args:
        name: one of `pset.checks.given.BUILDERS`: "pocket", "closed form", "estimate"…
        arguments: of the builder: plain numbers and lists.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prompt:
    """Stands for the embedding of a text, made by the model of the same case."""

    text: str


@dataclass(frozen=True)
class Case:
    """One call of the student's function.

    Args:
        name: what a person reads, such as "a photograph at t = 500".
        arguments: in the order of the function's parameters: tensors, numbers, strings, and `Given`
            and `Prompt` for what only exists in the process that calls the function.
        about: what judging needs and the student's function does not get.
    """

    name: str
    arguments: dict[str, Any]
    about: dict[str, Any] = field(default_factory=dict)


Answers = Sequence[torch.Tensor]


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a key, and the sentence that points to the idea behind it.

    Args:
        key: names the deliberately wrong variant kept beside the solution.
        says: what the student is told; it does not give the line of code.
        recognise: for a mistake whose output is random, so that no stored value can match: tells
            from a case and an answer whether it was made.
    """

    key: str
    says: str
    recognise: Callable[[Case, torch.Tensor], bool] | None = None


@dataclass(frozen=True)
class Check:
    """The one definition of a check.

    Args:
        exercise: "1.1", as in the course's table.
        function: name of the student's function.
        title: what it does, for headings.
        make_cases: a seed → the cases, the same for the same seed on every machine.
        mistakes: the known ones.
        tolerance: the largest relative difference (see `judging.difference`) of a right answer.
        answers: the functions of `pset` that would answer it; see `own_work`.
        properties: for an exercise with many right answers, in place of expected values: looks at
            all answers and returns the key of a mistake or a sentence of its own; None if all hold.
        read: what to read again, for feedback.
        seconds: how long one call may take.
    """

    exercise: str
    function: str
    title: str
    make_cases: Callable[[random.Random, int], list[Case]]
    mistakes: tuple[Mistake, ...]
    tolerance: float = 2e-4
    answers: tuple[Callable[..., Any], ...] = ()
    properties: Callable[[Sequence[Case], Answers], str | None] | None = None
    read: str = ""
    seconds: float = 20.0

    def cases(self, seed: int) -> list[Case]:
        """The cases of one seed. 180 makes the public ones."""
        # The exercise is part of the stream, so that no two checks share their noise. A string
        # seed is hashed with SHA-512 by the standard library: the same on every machine.
        rng = random.Random(f"{self.exercise}/{seed}")
        return self.make_cases(rng, rng.getrandbits(48))

    def mistake(self, key: str) -> Mistake:
        """The known mistake with this key."""
        return next(m for m in self.mistakes if m.key == key)
