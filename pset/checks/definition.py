"""Define a check: its inputs, the function it calls, and the known mistakes."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch


@dataclass(frozen=True)
class StandIn:
    """A placeholder for a model or a function among a case's arguments, built before the call.

    Args:
        name: one of `pset.checks.stand_ins.BUILDERS`: "pocket", "closed form", "estimate"…
        arguments: for the builder: plain numbers and lists.
    """

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prompt:
    """A placeholder for a text's embedding, computed by the model of the same case."""

    text: str


@dataclass(frozen=True)
class Case:
    """One call of the student's function.

    Args:
        name: for people, such as "a photograph at t = 500".
        arguments: in the order of the function's parameters: tensors, numbers, strings, and
            `StandIn` and `Prompt` for what exists only in the process that calls the function.
        about: what judging needs, and the student's function isn't given.
    """

    name: str
    arguments: dict[str, Any]
    about: dict[str, Any] = field(default_factory=dict)

    def having(self, arguments: Mapping[str, Any]) -> "Case":
        """The same case with other values for some of its arguments."""
        return replace(self, arguments={**self.arguments, **arguments})


Answers = Sequence[torch.Tensor]


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a key, and a sentence that points to the idea.

    Args:
        key: the name of the deliberately wrong variant in `solutions/mistakes/`.
        says: what the student reads; it doesn't give the line of code.
        recognise: for a mistake with random output, which no stored value can match: whether an
            answer to a case shows it.
    """

    key: str
    says: str
    recognise: Callable[[Case, torch.Tensor], bool] | None = None


@dataclass(frozen=True)
class Paper:
    """A paper, as it's cited: authors and title, and its address."""

    title: str
    url: str


@dataclass(frozen=True)
class Reading:
    """What to review when an exercise goes wrong, and where it's explained.

    Args:
        idea: what to review, in a few words.
        section: a heading in the exercise's notebook.
        paper: None if the notebook is enough.
        at: where in the paper, such as "equation 4"; empty for all of it.
    """

    idea: str
    section: str
    paper: Paper | None = None
    at: str = ""

    @property
    def cited(self) -> str:
        """The paper, and where in it; empty without one."""
        return ", ".join(filter(None, (self.paper.title, self.at))) if self.paper else ""


@dataclass(frozen=True)
class Check:
    """The definition of a check.

    Args:
        exercise: "1.1", as in the course's table.
        function: the name of the student's function.
        title: what it does, for headings.
        make_cases: seed → cases, the same on every machine.
        mistakes: the known ones.
        read: what to review, for feedback.
        tolerance: the largest relative difference (see `difference`) of a right answer.
        answers: the functions in `pset` that would answer it, by name; see `own_work`.
        properties: for an exercise with many right answers, instead of expected values: takes all
            answers and returns the key of a mistake, or a sentence of its own; None if all hold.
        parts: the number of results that the function returns.
        seconds: the time limit for one call.
    """

    exercise: str
    function: str
    title: str
    make_cases: Callable[[random.Random, int], list[Case]]
    mistakes: tuple[Mistake, ...]
    read: Reading
    tolerance: float = 2e-4
    answers: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    properties: Callable[[Sequence[Case], Answers], str | None] | None = None
    parts: int = 1
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


def heading(exercise: str, title: str) -> str:
    """ "1.1 the forward process"; where the exercise has a name and no number, only the title."""
    return f"{exercise} {title}" if exercise[:1].isdigit() else title
