"""Watch what a function asks of the models and functions that it's given.

A stand-in is wrapped in a thin proxy that notes each call: who was called, with which numbers and
tensors, and what came back. A diagnosis compares the notes with the solution's. A call that's
watched is never the one that's judged, so whatever a proxy changes, it doesn't change a verdict.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

MOST_SIGHTS = 200
MOST_VALUES = 2_000_000
"""Of all tensors in a watch's notes: 8 MB."""


@dataclass(frozen=True)
class Sight:
    """One call of a stand-in.

    Args:
        who: was called, as the student writes it: "estimate", "model.unet", "estimates[1]".
        numbers: parameter → the number that was passed; 1 for a function.
        tensors: parameter → the tensor that was passed, in float32.
        answers: what came back, each in float32; empty if it raised an error.
    """

    who: str
    numbers: dict[str, float] = field(default_factory=dict)
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    answers: tuple[torch.Tensor, ...] = ()


@dataclass(frozen=True)
class Query:
    """One image that a stand-in was asked about, with what went with it.

    Args:
        who: was asked.
        numbers: parameter → number.
        sketches: parameter → sketch of this image's row of the tensor, `[16]`.
        rows: parameter → the row itself, where it's at hand.
        answers: of each result, this image's row, where it's at hand.
    """

    who: str
    numbers: Mapping[str, float]
    sketches: Mapping[str, torch.Tensor]
    rows: Mapping[str, torch.Tensor] = field(default_factory=dict)
    answers: tuple[torch.Tensor, ...] = ()


class Watch:
    """The notes of one call of a student's function.

    Attributes:
        sights: so far, in order.
    """

    def __init__(self) -> None:
        self.sights: list[Sight] = []
        self._room = MOST_VALUES
        self._inside = False

    def over(self, value: Any, who: str) -> Any:
        """A stand-in, or a list of several, as something that notes how it's called."""
        if isinstance(value, list | tuple):
            return type(value)(self.over(one, f"{who}[{k}]") for k, one in enumerate(value))
        return Watched(value, who, self)

    def called(
        self, inner: Callable[..., Any], who: str, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Call a stand-in, and note it. What it calls itself, of its own methods, isn't noted."""
        if self._inside or len(self.sights) >= MOST_SIGHTS:
            return inner(*args, **options)
        numbers, tensors = self._passed(inner, args, options)
        place = len(self.sights)
        self.sights.append(Sight(who, numbers, tensors))
        self._inside = True
        try:
            answer = inner(*args, **options)
        finally:
            self._inside = False
        answers = tuple(self._kept(part) for part in _parts(answer))
        self.sights[place] = Sight(
            who, numbers, tensors, tuple(a for a in answers if a is not None)
        )
        return answer

    def _passed(
        self, inner: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
    ) -> tuple[dict[str, float], dict[str, torch.Tensor]]:
        numbers: dict[str, float] = {}
        tensors: dict[str, torch.Tensor] = {}
        for name, value in _by_name(inner, args, options).items():
            number = _number(value)
            if number is not None:
                numbers[name] = number
            elif isinstance(value, torch.Tensor) and (kept := self._kept(value)) is not None:
                tensors[name] = kept
        return numbers, tensors

    def _kept(self, value: Any) -> torch.Tensor | None:
        if not isinstance(value, torch.Tensor) or not value.is_floating_point():
            return None
        self._room -= value.numel()
        return value.detach().to("cpu", torch.float32).clone() if self._room >= 0 else None


class Watched:
    """A stand-in that's watched: it's called, and its methods are, as if it were itself."""

    def __init__(self, inner: Any, who: str, watch: Watch) -> None:
        self.__dict__.update(_inner=inner, _who=who, _watch=watch)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._watch.called(self._inner, self._who, args, options)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        is_public_call = callable(value) and not isinstance(value, type) and name[:1] != "_"
        return Watched(value, f"{self._who}.{name}", self._watch) if is_public_call else value


def _by_name(
    inner: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> dict[str, Any]:
    """What was passed, by the names of the parameters; by place where they can't be had."""
    described = inner.forward if isinstance(inner, torch.nn.Module) else inner
    try:
        return dict(inspect.signature(described).bind(*args, **options).arguments)
    except (TypeError, ValueError):
        return {str(k): value for k, value in enumerate(args)} | options


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, torch.Tensor) and value.ndim < 2 and 0 < value.numel() < 1000:
        first = value.flatten()[0]
        return float(first) if bool((value == first).all()) else None
    return 1.0 if callable(value) else None


def _parts(answer: Any) -> tuple[Any, ...]:
    return tuple(answer) if isinstance(answer, tuple | list) else (answer,)
