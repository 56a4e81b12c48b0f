"""What would the answer be if one argument were another? One change of a case's arguments each.

They're used twice. `make references` calls the solution with each of them and stores a sketch of
what it returns: if a student's answer matches one, the student has, in effect, made that change.
And `probes` calls the student's function with them, to see whether an argument is used at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from pset.checks.definition import Case, Prompt, StandIn
from pset.checks.inputs import SCHEDULES
from pset.closed_form import cosine_alphas_cumprod

OTHER_SCHEDULE = 0.7
"""Exponent that makes another decreasing schedule out of a given one."""


@dataclass(frozen=True)
class Counterfactual:
    """A case with one thing changed.

    Args:
        key: names the change: "`seed`: default".
        says: what a student reads whose answer matches the solution's with this change.
        case: the changed one.
        probes: the argument that is only replaced, so that the change shows whether it's used.
    """

    key: str
    says: str
    case: Case
    probes: str = ""


def counterfactuals(case: Case, defaults: Mapping[str, Any]) -> Iterator[Counterfactual]:
    """All changes of one argument, or of two that could be taken for each other.

    Args:
        case: one of a check's.
        defaults: of the function's parameters that have any.
    """
    for name, value in case.arguments.items():
        for key, says, changed in _of(name, value):
            yield Counterfactual(f"{name}: {key}", says, case.having({name: changed}))
        if name in defaults and not _same(value, defaults[name]):
            says = (
                f"You don't use the `{name}` you're given: this is the result for the default, "
                f"{_shown(defaults[name])}."
            )
            yield Counterfactual(f"{name}: default", says, case.having({name: defaults[name]}))
    yield from _pairs(case)


def replacements(case: Case) -> Iterator[Counterfactual]:
    """For each argument, the case with another value of the same kind in its place."""
    for name, value in case.arguments.items():
        other = _another(value)
        if other is not None:
            says = f"Your function gives the same result for another `{name}`. Do you use it?"
            yield Counterfactual(f"{name}: unused", says, case.having({name: other}), name)


Changed = tuple[str, str, Any]
"""Key, sentence, new value."""


def _of(name: str, value: Any) -> Iterator[Changed]:
    if isinstance(value, torch.Tensor) and value.dtype == torch.long:
        yield "counted from 1", f"You count from 1 in `{name}`. It counts from 0.", value - 1
    elif isinstance(value, torch.Tensor) and value.is_floating_point():
        if value.ndim == 1 and len(value) == 1000:
            yield from _of_schedule(name, value)
        elif value.ndim == 4:
            yield from _of_mask(name, value) if value.shape[1] == 1 else _of_image(name, value)
        if value.ndim > 1 and len(value) > 1:
            yield (
                "first of the batch",
                f"You use the first `{name}` for the whole batch. Each image has its own.",
                value[:1].expand_as(value).clone(),
            )
    elif isinstance(value, StandIn):
        has_another = value.arguments.get("schedule", "cosine") != "cosine"
        if value.name in ("closed form", "stage II") and has_another:
            yield (
                "the notebook's schedule",
                f"You use a schedule from outside your function. Take the one of the `{name}` "
                f"you're given: `{name}.alphas_cumprod`.",
                StandIn(value.name, value.arguments | {"claims": "cosine"}),
            )
        if value.name == "stage II" and has_another:
            yield (
                "the loop's schedule for the small picture",
                f"You noise the small picture by the loop's schedule, `{name}.alphas_cumprod`. The "
                f"second stage has another one for that: `{name}.image_noising_scheduler`.",
                StandIn(value.name, value.arguments | {"noises": value.arguments["schedule"]}),
            )
        if value.name == "closed form" and value.arguments.get("schedule") != "linear":
            yield (
                "a linear schedule",
                f"You use a schedule of your own, with β from 0.0001 to 0.02. Take the one of the "
                f"`{name}` you're given: `{name}.alphas_cumprod`.",
                StandIn(value.name, value.arguments | {"claims": "linear"}),
            )
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield from _of_int(name, value)
    elif isinstance(value, float):
        yield from _of_float(name, value)
    elif isinstance(value, list | tuple) and value and all(isinstance(v, int) for v in value):
        yield from _of_ints(name, list(value))
    elif isinstance(value, list | tuple) and len(value) > 1:
        if all(isinstance(v, float) for v in value):
            yield (
                "evenly spaced",
                f"You don't use the `{name}` you're given: yours are evenly spaced from 0 to 1.",
                torch.linspace(0, 1, len(value)).tolist(),
            )
        yield "first only", f"You use only the first of `{name}`.", [value[0]]
        yield "last left out", f"You leave out the last of `{name}`.", list(value[:-1])
        yield "reversed", f"You take `{name}` in reverse order.", list(value[::-1])


def _of_image(name: str, x: torch.Tensor) -> Iterator[Changed]:
    yield "left out", f"Your result is what you'd get if `{name}` were all zeros.", x * 0
    yield "negated", f"`{name}` enters your result with the wrong sign.", -x
    yield (
        "clamped",
        f"You've clamped `{name}` to [−1, 1]. Leave it as it is.",
        x.clamp(-1, 1),
    )
    yield (
        "in [0, 1]",
        f"You've scaled `{name}` to [0, 1]. In this course, images are in [−1, 1].",
        (x + 1) / 2,
    )
    yield (
        "from [0, 1]",
        f"You've mapped `{name}` from [0, 1] to [−1, 1], but it's in [−1, 1] already.",
        2 * x - 1,
    )
    yield "half", f"`{name}` enters your result with half its strength.", x / 2
    yield "twice", f"`{name}` enters your result with twice its strength.", 2 * x
    yield "upside down", f"You've turned `{name}` upside down.", x.flip(-2)
    yield "mirrored", f"You've mirrored `{name}` left to right.", x.flip(-1)
    if len(x) > 1:
        yield "batch reversed", f"You've mixed up the images in `{name}`.", x.flip(0)


def _of_mask(name: str, mask: torch.Tensor) -> Iterator[Changed]:
    yield (
        "inverted",
        f"Your `{name}` works the other way round: you keep what should be new.",
        1 - mask,
    )
    yield "all ones", f"Your result is what you'd get if `{name}` were 1 everywhere.", mask * 0 + 1
    yield "all zeros", f"Your result is what you'd get if `{name}` were 0 everywhere.", mask * 0


def _of_schedule(name: str, a: torch.Tensor) -> Iterator[Changed]:
    alphas = a / torch.cat([a.new_ones(1), a[:-1]])
    own = cosine_alphas_cumprod()
    if not torch.equal(a, own):
        yield (
            "the notebook's schedule",
            f"You use a schedule from outside your function, not the `{name}` you're given.",
            own,
        )
    linear = SCHEDULES["linear"]()
    if not torch.equal(a, linear):
        yield (
            "a linear schedule",
            f"You use a schedule of your own, with β from 0.0001 to 0.02, not the `{name}` you're "
            "given.",
            linear,
        )
    yield "root", f"There's a square root too many around `{name}[t]`.", a.sqrt()
    yield "square", f"You need the square root of `{name}[t]`, not `{name}[t]` itself.", a * a
    yield "one minus", f"You've mixed up ᾱ_t and 1 − ᾱ_t: the roles of `{name}` are swapped.", 1 - a
    yield "alphas", f"You've used α_t of a single step where ᾱ_t, `{name}[t]`, belongs.", alphas
    yield (
        "betas",
        f"You've used β_t of a single step where ᾱ_t, `{name}[t]`, belongs.",
        (1 - alphas).clamp_min(1e-6),
    )
    yield (
        "later",
        f"You've read `{name}` one entry too late. Entry t belongs to timestep t.",
        torch.cat([a[1:], a[-1:]]),
    )
    yield (
        "earlier",
        f"You've read `{name}` one entry too early. Entry t belongs to timestep t.",
        torch.cat([a[:1], a[:-1]]),
    )
    yield (
        "cumulated",
        f"You've multiplied `{name}` up once more. It's a cumulative product already.",
        torch.cumprod(a.double(), 0).float().clamp_min(1e-12),
    )
    yield (
        "float16",
        f"You've rounded `{name}` to float16, where 1 − ᾱ_t is 0 for the first timesteps. Keep it "
        "in float32, whatever the network runs in.",
        a.half().float(),
    )


def _of_ints(name: str, numbers: list[int]) -> Iterator[Changed]:
    """Of a list of timesteps, of a permutation, or of other integers."""
    count = len(numbers)
    if numbers == sorted(numbers, reverse=True):
        yield from _of_timesteps(name, numbers)
    elif sorted(numbers) == list(range(count)):
        yield (
            "counted from 1",
            f"You count from 1 in `{name}`. It counts from 0.",
            [(k - 1) % count for k in numbers],
        )
        inverse = sorted(range(count), key=numbers.__getitem__)
        yield "inverse", f"You use the inverse of `{name}`.", inverse
    else:
        yield (
            "negated",
            f"You go the other way in `{name}`.",
            [-k for k in numbers],
        )
        yield "twice", f"You go twice as far as `{name}` says.", [2 * k for k in numbers]


def _of_int(name: str, n: int) -> Iterator[Changed]:
    yield "plus one", f"`{name}` is off by one in your function: it's one too many.", n + 1
    if n > 0:
        yield "minus one", f"`{name}` is off by one in your function: it's one too few.", n - 1
    if n > 1:
        yield "zero", f"Your result is what you'd get with `{name}` = 0.", 0
        yield "one", f"Your result is what you'd get with `{name}` = 1.", 1


def _of_float(name: str, x: float) -> Iterator[Changed]:
    yield "negated", f"`{name}` enters your result with the wrong sign.", -x
    yield "one", f"Your result is what you'd get with `{name}` = 1: it isn't used.", 1.0
    yield "zero", f"Your result is what you'd get with `{name}` = 0: it isn't used.", 0.0
    yield "one minus", f"You've used 1 − `{name}` where `{name}` belongs.", 1 - x
    yield "one more", f"You've used 1 + `{name}` where `{name}` belongs.", 1 + x
    yield "one less", f"You've used `{name}` − 1 where `{name}` belongs.", x - 1
    yield "square", f"You've squared `{name}`.", x * x
    if x != int(x):
        says = f"You've rounded `{name}` to a whole number."
        yield "rounded down", says, float(x // 1)
        yield "rounded", says, float(round(x))
    if x > 0:
        yield "root", f"There's a square root too many around `{name}`.", x**0.5
        yield "inverse", f"You divide by `{name}` where you should multiply, or the reverse.", 1 / x


def _of_timesteps(name: str, steps: list[int]) -> Iterator[Changed]:
    if len(steps) > 2:
        yield "last left out", f"You never reach the last of `{name}`.", steps[:-1]
        yield "first left out", f"You skip the first of `{name}`.", steps[1:]
        yield "every other", f"You visit only every other one of `{name}`.", steps[::2]
    if steps[-1] > 0:
        yield "to zero", f"You go on to t = 0 after the last of `{name}`.", [*steps, 0]


def _pairs(case: Case) -> Iterator[Counterfactual]:
    """Two arguments of one kind, swapped, or one taken for the other."""
    names = list(case.arguments)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            a, b = case.arguments[one], case.arguments[other]
            if not _alike(a, b):
                continue
            yield Counterfactual(
                f"{one}, {other}: swapped",
                f"You've swapped `{one}` and `{other}`.",
                case.having({one: b, other: a}),
            )
            for kept, lost in ((one, other), (other, one)):
                yield Counterfactual(
                    f"{lost}: {kept} instead",
                    f"You've used `{kept}` where `{lost}` belongs.",
                    case.having({lost: case.arguments[kept]}),
                )


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.shape == b.shape and a.ndim > 1
    if isinstance(a, StandIn) and isinstance(b, StandIn):
        return a.name == b.name
    return isinstance(a, Prompt) and isinstance(b, Prompt)


def _another(value: Any) -> Any:
    """Another value of the same kind, as plausible as the first; None if there's none to be had."""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        if value.ndim == 1 and len(value) == 1000:
            return value**OTHER_SCHEDULE
        if value.ndim == 4 and value.shape[1] == 1:
            return 1 - value
        g = torch.Generator().manual_seed(11)
        noise = torch.randn(value.shape, generator=g)
        return 0.8 * value.flip(-1) + 0.1 * noise
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        # Odd stays odd, and even stays even: that may matter.
        return value + 2 if value < 30 else value - 8
    if isinstance(value, float):
        return 0.6 * value + 0.1
    if isinstance(value, list) and all(isinstance(v, float) for v in value) and value:
        return [0.7 * x + 0.05 for x in value]
    if isinstance(value, list) and len(value) > 3 and all(isinstance(v, int) for v in value):
        if sorted(value) == list(range(len(value))):
            return [*value[1:], value[0]]
        return [*value[:-3], value[-2], value[-1]]
    if isinstance(value, StandIn):
        return _another_stand_in(value)
    if isinstance(value, Prompt):
        return Prompt(
            "a photo of a cat" if value.text != "a photo of a cat" else "a photo of a dog"
        )
    return None


def _another_stand_in(value: StandIn) -> StandIn | None:
    """The same stand-in with its numbers changed."""

    def moved(x: Any) -> Any:
        if isinstance(x, float):
            return 0.7 * x + 0.05
        return [moved(y) for y in x] if isinstance(x, list) else x

    arguments = {name: moved(x) for name, x in value.arguments.items()}
    return StandIn(value.name, arguments) if arguments != value.arguments else None


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return list(a) == list(b)
    return not isinstance(a, torch.Tensor) and a == b


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple) and len(value) > 4:
        return f"{value[0]}, {value[1]}, …, {value[-1]}"
    return str(value)
