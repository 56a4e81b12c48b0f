"""Ask the student's function: call it again with one thing changed, and read the answers.

A probe turns a few answers into one number, such as how much the result changes with the seed. The
same number is measured on the solution when references are made. A sentence is said only where the
two contradict each other, so a probe may be asked of every exercise whose signature allows it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from pset.checks.calling import GLOBAL_SEED
from pset.checks.definition import Case, StandIn
from pset.checks.diagnosis.counterfactuals import replacements
from pset.checks.diagnosis.finding import Finding
from pset.checks.difference import difference

UNCHANGED = 1e-6  # relative; two runs of one computation
CHANGED = 1e-3  # relative; a change that can't be rounding
SIDE = 0.25  # of the step along which linearity is measured, relative to the argument


@dataclass(frozen=True)
class Ask:
    """A call to make.

    Args:
        case: to call the function on.
        global_seed: of torch's global generator before the call.
        watch: note what the function asks of its stand-ins.
    """

    case: Case
    global_seed: int = GLOBAL_SEED
    watch: bool = False


Read = Callable[[torch.Tensor, Sequence[torch.Tensor]], float]
"""(the answer to the case itself, the answers to what was asked) → a number."""


@dataclass(frozen=True)
class Probe:
    """One thing to ask about a function.

    Args:
        key: names it, the same for the solution and for students.
        asks: the calls.
        read: turns the answers into a number.
        contradiction: (theirs, the solution's) → whether the two say opposite things.
        says: what the student reads then.
    """

    key: str
    asks: tuple[Ask, ...]
    read: Read
    contradiction: Callable[[float, float], bool]
    says: str

    def finding(self) -> Finding:
        """What is found where the student's number contradicts the solution's."""
        return Finding(f"probe: {self.key}", self.says, certain=False)


def probes(case: Case) -> Iterator[Probe]:
    """Everything that can be asked about a function on this case, the most telling first."""
    yield _twice(case)
    yield from _used(case)
    yield from _relations(case)
    yield from _alone(case)
    yield from _linear(case)


def _broken(theirs: float, ours: float) -> bool:
    """Two answers should be the same, and aren't."""
    return ours <= CHANGED / 5 and theirs > CHANGED


def _twice(case: Case) -> Probe:
    return Probe(
        "twice",
        (Ask(case, global_seed=1),),
        lambda before, after: difference(after[0], before),
        lambda theirs, ours: ours <= UNCHANGED and theirs > CHANGED,
        "Your function returns something else each time it's called: it draws random numbers from "
        "torch's global generator. Use the noise or the seed that it's given.",
    )


def _used(case: Case) -> Iterator[Probe]:
    for other in replacements(case):
        yield Probe(
            other.key,
            (Ask(other.case),),
            lambda before, after: difference(after[0], before),
            lambda theirs, ours: theirs <= UNCHANGED and ours > CHANGED,
            other.says,
        )


def _relations(case: Case) -> Iterator[Probe]:
    """Pairs of calls that must give the same, by what their arguments mean."""
    names = case.arguments
    if {"scale", "prompt_embeds", "null_embeds"} <= names.keys():
        at_one = case.having({"scale": 1.0})
        null = _other_embeds(names["null_embeds"])
        if null is not None:
            yield _same(
                "scale 1",
                at_one,
                at_one.having({"null_embeds": null}),
                "With γ = 1, guidance gives exactly the conditional estimate, so the null prompt "
                "should make no difference. In yours, it does.",
            )
        equal = case.having({"null_embeds": names["prompt_embeds"]})
        yield _same(
            "prompts equal",
            equal,
            equal.having({"scale": float(names["scale"]) + 1.5}),
            "If both prompts are the same, there's nothing to guide away from, and γ should make "
            "no difference. In yours, it does.",
        )
    mask = names.get("mask")
    if isinstance(mask, torch.Tensor):
        for name, value in names.items():
            if name != "mask" and isinstance(value, torch.Tensor) and value.ndim == 4:
                full = case.having({"mask": torch.ones_like(mask)})
                yield _same(
                    f"mask 1, {name}",
                    full,
                    full.having({name: 0.8 * value.flip(-1)}),
                    f"With a mask of ones, `{name}` shouldn't matter. In yours, it does.",
                )
                empty = case.having({"mask": torch.zeros_like(mask)})
                yield _same(
                    f"mask 0, {name}",
                    empty,
                    empty.having({name: 0.8 * value.flip(-1)}),
                    f"With a mask of zeros, `{name}` shouldn't matter. In yours, it does.",
                )


def _same(key: str, one: Case, other: Case, says: str) -> Probe:
    return Probe(
        key,
        (Ask(one), Ask(other)),
        lambda before, after: difference(after[0], after[1]),
        _broken,
        says,
    )


def _alone(case: Case) -> Iterator[Probe]:
    """Each image of a batch by itself."""
    count = max(
        (len(v) for v in case.arguments.values() if isinstance(v, torch.Tensor) and v.ndim == 4),
        default=1,
    )
    if not 1 < count <= 4:
        return

    def only(k: int) -> Case:
        rows = {
            name: value[k : k + 1]
            for name, value in case.arguments.items()
            if isinstance(value, torch.Tensor) and value.ndim > 1 and len(value) == count
        }
        return case.having(rows)

    yield Probe(
        "batch",
        tuple(Ask(only(k)) for k in range(count)),
        lambda before, after: difference(torch.cat(list(after)), before),
        _broken,
        "An image of a batch comes out differently than by itself. Each image should be treated on "
        "its own: check what you average over, and what you take from the first image only.",
    )


def _linear(case: Case) -> Iterator[Probe]:
    """Whether steps along one argument add up."""
    for name, value in case.arguments.items():
        if not isinstance(value, torch.Tensor) or value.ndim != 4 or value.shape[1] != 3:
            continue
        g = torch.Generator().manual_seed(12)
        step = SIDE * (value.flip(-1) + torch.randn(value.shape, generator=g))

        def bend(before: torch.Tensor, after: Sequence[torch.Tensor]) -> float:
            one, two = after[0].double() - before, after[1].double() - before
            return float((two - 2 * one).norm() / one.norm().clamp_min(1e-9))

        yield Probe(
            f"{name}: linear",
            (
                Ask(case.having({name: value + step})),
                Ask(case.having({name: value + 2 * step})),
            ),
            bend,
            lambda theirs, ours: ours < CHANGED and theirs > 20 * CHANGED,
            f"Your result isn't linear in `{name}`, and it should be. Do you clamp or normalise "
            "something, or take a root or an absolute value of it?",
        )


def _other_embeds(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return 0.5 * value.flip(-1) + 0.1
    return None


def cost(case: Case) -> int:
    """A rough order of cases by the work of a call; the pocket model's come last."""
    size = max(
        (v.numel() for v in case.arguments.values() if isinstance(v, torch.Tensor)), default=1
    )
    return size * (1000 if StandIn("pocket") in case.arguments.values() else 1)
