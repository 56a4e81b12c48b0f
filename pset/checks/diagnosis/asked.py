"""Compare what a function asks of its stand-ins with what the solution asks.

The first difference says where a mistake is: another list of timesteps, another prompt, an image
that is wrong from the start or from some step on. What follows from it isn't looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from pset.checks.definition import Case
from pset.checks.diagnosis import low_passes, made_of
from pset.checks.diagnosis.made_of import Difference
from pset.checks.diagnosis.queries import SMALL, Moment, alike, close, folded, moments
from pset.checks.diagnosis.sketch import sketch
from pset.checks.difference import difference
from pset.checks.watching import Query
from pset.sampling import STRIDED_TIMESTEPS
from pset.seeded_noise import SEED, noise, step_noise

WEIGHTS = ("weights", "all scaled")
"""How the families of readings begin that are about weights."""

RIGHT = "right"
"""The key where nothing is different."""

ROUNDING = 2e-4
"""Relative difference of the sketches of one image that two computers' rounding doesn't reach."""


def first_difference(
    case: Case, theirs: Sequence[Query], ours: Sequence[Query], returned: bool = True
) -> Difference:
    """The first difference in what is asked on one case.

    Args:
        case: with the arguments that images are recognised by.
        theirs: the student's queries, with their rows.
        ours: the solution's.
        returned: the student's function came to its end; otherwise, what's missing says nothing.
    """
    known = _known(case, theirs)
    order = list(dict.fromkeys(query.who for query in ours))
    asked = {query.who for query in theirs}
    if returned:
        for who in order:
            if who not in asked:
                says = f"Your function never calls `{who}`."
                if who.endswith("unet"):
                    says = f"You never ask the network: your function doesn't call `{who}`."
                return Difference(f"{who}: never", says)
    found: list[tuple[int, Difference]] = []
    for who in order:
        a, b = moments(ours, who), moments(theirs, who)
        if not b:
            continue
        if returned and len(b) == 1 < len(a) and len(b[0]) <= len(a[0]):
            others = [w for w in order if w != who and len(moments(theirs, w)) > 1]
            if others:
                says = (
                    f"You call `{who}` only once. Call it in every step, as often as `{others[0]}`."
                )
                found.append((1, Difference(f"{who}: only once", says)))
                continue
            says = f"You take one step only: after its first call, `{who}` isn't called any more."
            found.append((1, Difference(f"{who}: once", says)))
            continue
        if len(a) == 1 < len(b):
            says = f"You call `{who}` {len(b)} times, with other numbers each time. Once is enough."
            found.append((1, Difference(f"{who}: often", says)))
        passes, b = b, folded(b, len(a))
        other = _numbers(who, a, b, returned)
        said = {
            f"what `{q.who}` returned": [x for x in q.answers if x.ndim == 3]
            for q in theirs
            if q.who != who and q.answers and len(order) > 1
        } | {
            f"what `{who}` itself has returned": [q.answers[0]]
            for q in theirs
            if q.who == who and len(q.answers) == 1 and q.answers[0].ndim == 3
        }
        images = _images(case, who, a, b, known, said, first_of(ours, who))
        if images and images[0] > 0 and len(passes) > len(b) and _fewer_prompts(passes[0], a[0]):
            says = (
                f"You go through all the timesteps {len(passes) // len(b)} times, with one prompt "
                "each time. Ask about both in every step, with the same image."
            )
            images = images[0], Difference(f"{who}: passes", says)
        # Where both differ, the earlier is the cause.
        first = min((d for d in (other, images) if d), key=lambda d: d[0], default=None)
        if first is not None:
            found.append(first)
    if found:
        return min(found, key=lambda pair: (pair[0], not pair[1].certain))[1]
    return Difference(RIGHT, "", certain=False)


def _fewer_prompts(theirs: Moment, ours: Moment) -> bool:
    """Whether a moment has fewer different things beside the images than it should have."""
    images = {name for query in theirs for name, row in query.rows.items() if row.ndim == 3}

    def count(moment: Moment) -> int:
        found: list[torch.Tensor] = []
        for query in moment:
            for name, sketched in query.sketches.items():
                if name not in images and not any(close(sketched, x) for x in found):
                    found.append(sketched)
        return len(found)

    return count(theirs) < count(ours)


def first_of(ours: Sequence[Query], who: str) -> bool:
    """Whether a stand-in is the first one asked, so that it sees what nothing else has touched."""
    return bool(ours) and ours[0].who == who


Placed = tuple[int, Difference]
"""At which moment a difference shows, and what it is."""


# --- numbers -------------------------------------------------------------------------------------


def _numbers(who: str, a: list[Moment], b: list[Moment], returned: bool) -> Placed | None:
    """Another number in a call, or another list of calls."""
    one, other = a[0][0].numbers, b[0][0].numbers
    for name in one:
        if name not in other:
            says = f"You call `{who}` without `{name}`, which it needs here."
            return 0, Difference(f"{who}: {name} missing", says)
    steps = [name for name in one if len({m[0].numbers.get(name) for m in a}) > 1]
    for name in [*steps, *(name for name in one if name not in steps)]:
        ours = [m[0].numbers[name] for m in a]
        theirs = [m[0].numbers.get(name, float("nan")) for m in b]
        if ours == theirs[: len(ours)] and (len(theirs) == len(ours) or name not in steps):
            continue
        if not returned and theirs == ours[: len(theirs)]:
            continue
        if (difference := _sequence(who, name, ours, theirs)) is not None:
            place = next(
                (k for k, (x, y) in enumerate(zip(ours, theirs)) if x != y), min(len(a), len(b))
            )
            return place, difference
    return None


def _sequence(who: str, name: str, ours: list[float], theirs: list[float]) -> Difference | None:
    key = f"{who}: {name}"
    is_time = name in TIMES
    wrong = f"You call `{who}` with the wrong {'timestep' if is_time else f'`{name}`'}:"
    it = f"`{name}`" if is_time else "it"
    if len(ours) == len(theirs):
        off = {round(y - x, 6) for x, y in zip(ours, theirs)}
        if len(off) == 1 and (len(ours) > 1 or off <= {1.0, -1.0}):
            by = off.pop()
            far = "high" if by > 0 else "low"
            says = f"{wrong} {it} is too {far} by {abs(by):g}."
            return Difference(f"{key} off by {by:g}", says, family=key)
        ratios = {round(y / x, 6) for x, y in zip(ours, theirs) if x}
        if len(ratios) == 1 and len(ours) > 1 and theirs != ours[::-1]:
            says = f"{wrong} {it} is {ratios.pop():g} times as large as it should be."
            return Difference(f"{key} scaled", says, family=key)
    if len(ours) > 1 and (listed := _list(who, name, wrong, it, ours, theirs)):
        return Difference(f"{key} {listed[0]}", listed[1], family=key)
    k = next((k for k, (x, y) in enumerate(zip(ours, theirs)) if x != y), None)
    if k is None:
        return None
    times = "" if k == 0 else " in your last call" if k == len(ours) - 1 else " from some call on"
    says_wrong = f"{wrong} {it} is {theirs[k]:g}{times}, and it should be {ours[k]:g}."
    return Difference(f"{key} wrong", says_wrong, family=key)


def _list(
    who: str, name: str, wrong: str, it: str, ours: list[float], theirs: list[float]
) -> tuple[str, str] | None:
    """What's wrong with a list of numbers, such as a loop's timesteps: a key and a sentence."""
    first, last = theirs[0], theirs[-1]
    course = [float(t) for t in STRIDED_TIMESTEPS]
    if name in TIMES and _is_stretch(theirs, course) and not {*ours} <= {*course}:
        return "the course's", (
            f"You walk along the course's timesteps, {first:g}, {theirs[1]:g}, …, and not along "
            "those that you're given."
        )
    if len({*theirs}) == 1:
        return "constant", f"{wrong} {it} is {first:g} every time, and it should change."
    if theirs == ours[::-1]:
        return "reversed", f"{wrong} {it} runs in reverse order."
    if theirs == [first + k for k in range(len(theirs))]:
        return "index", f"{wrong} {it} is the index in the list, {first:g}, {theirs[1]:g}, …"
    if theirs == ours[: len(theirs)]:
        return "stops early", (
            f"The last step is missing: you stop calling `{who}` after `{name}` = {last:g}, and "
            f"the last call should be at {ours[-1]:g}."
        )
    if ours == theirs[: len(ours)]:
        return "goes on", (
            f"You go on calling `{who}` after the last time that's needed, at `{name}` = "
            f"{ours[-1]:g}: once more at {theirs[len(ours)]:g}."
        )
    if theirs == ours[-len(theirs) :]:
        return "starts late", (
            f"You skip the first timestep: your calls of `{who}` start too late, at `{name}` = "
            f"{first:g} and not at {ours[0]:g}."
        )
    if ours == theirs[-len(ours) :]:
        return "starts early", (
            f"Your calls of `{who}` start too early, at `{name}` = {first:g} and not at "
            f"{ours[0]:g}."
        )
    if {*theirs} < {*ours}:
        missing = next(x for x in ours if x not in theirs)
        return "left out", f"You leave out calls of `{who}`, first the one at {missing:g}."
    if {*ours} < {*theirs}:
        more = next(y for y in theirs if y not in ours)
        return "more", f"You call `{who}` at a `{name}` that doesn't belong: {more:g}, for one."
    return None


TIMES = ("t", "timestep")
"""What parameters with a timestep are called."""


def _is_stretch(numbers: list[float], of: list[float]) -> bool:
    """Whether numbers are part of a list, without a gap, and more than one."""
    if len(numbers) < 2 or numbers[0] not in of:
        return False
    start = of.index(numbers[0])
    return numbers == of[start : start + len(numbers)]


# --- images and prompts --------------------------------------------------------------------------

Known = dict[str, list[torch.Tensor]]
"""A name for the student → rows that it may be."""


def _known(case: Case, theirs: Sequence[Query]) -> Known:
    """The rows by which an image or a prompt is recognised: arguments, and the course's noise."""
    known = {
        f"`{name}`": list(value.float())
        for name, value in case.arguments.items()
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.ndim > 1
    }
    shapes = {v.shape for v in case.arguments.values() if isinstance(v, torch.Tensor)}
    if theirs:
        first = moments(theirs, theirs[0].who)[0]
        for row in first[0].rows.values():
            if row.ndim == 3:
                shapes.add(torch.Size([len(first), *row.shape]))
    seed = case.arguments.get("seed", SEED)
    for shape in sorted(shapes):
        if len(shape) == 4 and shape[1] == 3 and isinstance(seed, int):
            for name, x in _noises(shape, seed).items():
                known.setdefault(name, []).extend(x)
    return known


COURSE_NOISE = "the course's noise, `pset.noise` of the default seed,"


def _noises(shape: Sequence[int], seed: int) -> dict[str, torch.Tensor]:
    """Noise that a function may have made itself, by what it is."""
    plain, legacy = np.random.default_rng(seed), np.random.RandomState(seed)
    count, channels, height, width = shape
    found = {
        COURSE_NOISE if seed == SEED else "noise of the seed": noise(shape, seed),
        "noise of the default seed": noise(shape),
        "the step noise of the first timestep": step_noise(shape, STRIDED_TIMESTEPS[0], seed),
        "noise of one channel for all three": noise((count, 1, height, width), seed).expand(*shape),
        "noise whose axes are in another order": noise(
            (channels, count, height, width), seed
        ).transpose(0, 1),
        "noise of NumPy's generator": torch.from_numpy(plain.standard_normal(tuple(shape))).float(),
        "noise of NumPy's old generator": torch.from_numpy(legacy.randn(*shape)).float(),
    }
    if seed == SEED:
        del found["noise of the default seed"]
    uniform = torch.rand(tuple(shape), generator=torch.Generator().manual_seed(seed))
    found |= {"uniform noise in [0, 1]": uniform, "uniform noise in [−1, 1]": 2 * uniform - 1}
    if count > 1:
        own = [noise((1, channels, height, width), seed + k) for k in range(1, count)]
        found["noise of one image alone, with a seed of its own,"] = torch.cat(own)
    return found


def _images(
    case: Case,
    who: str,
    a: list[Moment],
    b: list[Moment],
    known: Known,
    said: Known,
    is_first: bool,
) -> Placed | None:
    """The first moment at which an image isn't asked about that should be."""
    seen: list[torch.Tensor] = []
    for place, (ours, theirs) in enumerate(zip(a, b)):
        missing = [q for q in ours if not any(alike(q, p) for p in theirs)]
        if missing:
            everything = [q for moment in b for q in moment]
            difference = _explained(
                case, who, place, len(a), missing, ours, theirs, everything, known, seen
            )
            if difference is None:
                difference = _chained(who, missing[0], theirs, said)
            if difference is None and place == 0 and is_first:
                difference = Difference(
                    f"{who}: first input",
                    f"What you pass to `{who}` isn't right in the first call already.",
                    certain=False,
                )
            elif difference is None and place > 0:
                difference = _at(who, place, len(a), a, _drifts(a[place - 1], b[place - 1]))
            elif difference is None:
                difference = Difference(
                    f"{who}: input", f"What you pass to `{who}` isn't right.", certain=False
                )
            return place, difference
        seen += [row for query in theirs for row in query.rows.values() if row.ndim == 3]
    return None


def _drifts(ours: Moment, theirs: Moment) -> bool:
    """Whether images that are still alike differ by more than two computers' rounding does."""
    for query in ours:
        like = [p for p in theirs if alike(query, p)]
        if like and min(_apart(query, p) for p in like) > ROUNDING:
            return True
    return False


def _apart(one: Query, other: Query) -> float:
    """Relative difference of the sketches of two queries, the largest."""
    return max(
        float((s - other.sketches[name]).norm()) / max(float(s.norm()), 1e-6)
        for name, s in one.sketches.items()
    )


def _at(who: str, place: int, count: int, a: list[Moment], drifts: bool) -> Difference:
    """Where it goes wrong; nowhere in particular if it drifts away."""
    numbers = a[place][0].numbers
    step = next((n for n in numbers if a[place - 1][0].numbers.get(n) != numbers[n]), None)
    if step is None:
        says = f"Your first call of `{who}` is right; what you pass to the next one isn't."
        return Difference(f"{who}: second input", says, certain=False)
    before, now = a[place - 1][0].numbers.get(step, 0.0), numbers[step]
    if place == 1:
        says = (
            f"Your first call of `{who}` is right; what you pass to the second one, at `{step}` = "
            f"{now:g}, isn't. So look at a single step, such as the one from {before:g} to {now:g}."
        )
        return Difference(f"{who}: first step", says, certain=False)
    if drifts:
        says = (
            f"Your first call of `{who}` is right; what you pass to the next ones isn't. So look "
            "at a single step, such as the first one: a small error grows from step to step."
        )
        return Difference(f"{who}: drifts", says, certain=False)
    says = (
        f"All is right up to the call of `{who}` at `{step}` = {before:g}, and wrong from "
        f"{now:g} on. What's special about that step?"
    )
    if place == count - 1:
        says = f"All is right up to the last call of `{who}` but one. What's special about the end?"
    return Difference(f"{who}: some step", says, certain=False)


def _explained(
    case: Case,
    who: str,
    place: int,
    count: int,
    missing: Sequence[Query],
    ours: Sequence[Query],
    theirs: Sequence[Query],
    everything: Sequence[Query],
    known: Known,
    seen: Sequence[torch.Tensor],
) -> Difference | None:
    query = missing[0]
    if elsewhere := next((p for p in everything if alike(query, p)), None):
        step = next((n for n, v in query.numbers.items() if elsewhere.numbers.get(n) != v), None)
        if step is not None and place == 0:
            return Difference(
                f"{who}: {step} elsewhere",
                f"You ask `{who}` about the right image, but at another timestep: `{step}` is "
                f"{elsewhere.numbers[step]:g}, and it should be {query.numbers[step]:g}.",
            )
    for name, sketched in query.sketches.items():
        others = {n: s for n, s in query.sketches.items() if n != name}
        partly = [p for p in theirs if name in p.rows and _agree(others, p)]
        if not partly and len(query.sketches) > 1:
            continue
        if any(close(sketched, p.sketches[name]) for p in partly):
            continue
        extra = [p for p in partly if not any(alike(q, p) for q in ours)]
        if others and not extra and len(ours) > len(theirs):
            right = _name_of(sketched, known)
            what = f" with {right}" if right else " about all that it should be asked"
            says = f"You don't call `{who}`{what} in every step, for every image."
            return Difference(f"{who}: {name} not asked", says)
        suspects = extra or [p for p in partly if _too_often(p, ours, theirs)]
        for p in suspects:
            rows = [q.sketches[name] for q in everything if name in q.sketches]
            often = sum(close(row, p.sketches[name]) for row in rows) > len(rows) / 2
            text = _wrong_tensor(who, name, sketched, p, known, seen if place else (), often)
            if text:
                family = f"{who}: weights" if text[0] == "scaled" else ""
                says = text[1] + _when(place, count)
                return Difference(f"{who}: {name} {text[0]}", says, family=family)
        if place == 0 and (
            sums := _as_sums(case, sketched, [p.rows[name] for p in suspects], known)
        ):
            intro = f"Look at what you pass to `{who}` as `{name}`."
            return Difference(
                f"{who}: {name} {sums.key}",
                f"{intro} {sums.says}",
                family=f"{who}: {sums.family}",
                reading=sums,
                intro=intro,
            )
    return None


def _too_often(p: Query, ours: Sequence[Query], theirs: Sequence[Query]) -> bool:
    """Whether a query is made more often than it should be: once in another one's place."""
    return sum(alike(p, q) for q in theirs) > sum(alike(q, p) for q in ours)


def _chained(who: str, query: Query, theirs: Sequence[Query], said: Known) -> Difference | None:
    """An image that another stand-in has returned, where it should be another."""
    for name in query.sketches:
        for p in theirs:
            if name in p.sketches and (source := _turned_name(p.sketches[name], said)):
                says = f"You pass {source[0]} to `{who}`, which should get another image."
                return Difference(f"{who}: {source[0]}", says)
    return None


def _when(place: int, count: int) -> str:
    if place == 0:
        return ""
    return " That's so in the last call." if place == count - 1 else " The first call is right."


def _agree(sketches: Mapping[str, torch.Tensor], p: Query) -> bool:
    return all(n in p.sketches and close(s, p.sketches[n]) for n, s in sketches.items())


CHANGES: tuple[tuple[str, Any], ...] = (
    ("as a negative", lambda x: -x),
    ("upside down", lambda x: x.flip(-2)),
    ("mirrored left to right", lambda x: x.flip(-1)),
    ("turned by 180°", lambda x: x.flip(-1, -2)),
    ("turned by 90°", lambda x: x.rot90(1, (-2, -1))),
    ("turned by 90°", lambda x: x.rot90(-1, (-2, -1))),
    ("transposed", lambda x: x.transpose(-1, -2)),
    ("with its colour channels in reverse order", lambda x: x.flip(0)),
)
"""What may have happened to an image, and what undoes it."""


def _wrong_tensor(
    who: str,
    name: str,
    right: torch.Tensor,
    p: Query,
    known: Known,
    seen: Sequence[torch.Tensor],
    often: bool,
) -> tuple[str, str] | None:
    """What the tensor is in place of the right one: a key and a sentence."""
    row = p.rows[name]
    if float(row.abs().max()) < 1e-12:
        belongs = _name_of(right, known)
        place = f"Instead of {belongs}" if belongs else f"As `{name}`"
        return "zeros", f"{place}, you pass all zeros to `{who}`."
    theirs, truth = _turned_name(p.sketches[name], known), _turned_name(right, known)
    if theirs and truth and theirs[0] == truth[0] and theirs[1] != truth[1]:
        should = truth[1] or "as it is"
        return f"{theirs[0]} {theirs[1]} for {truth[1]}", (
            f"You pass {theirs[0]} to `{who}` {theirs[1] or 'as it is'}; it should be {should}."
        )
    if row.ndim == 3 and row.shape[0] % 3 == 0 and not theirs:
        for text, undo in CHANGES:
            undone = undo(row)
            if undone.shape == row.shape and close(right, sketch(undone, SMALL)):
                return text, f"The image that you pass to `{who}` is {text}."
    return _wrong_name(who, name, right, p, known, seen, often)


def _wrong_name(
    who: str,
    name: str,
    right: torch.Tensor,
    p: Query,
    known: Known,
    seen: Sequence[torch.Tensor],
    often: bool,
) -> tuple[str, str] | None:
    """One known tensor for another, the same one again, or the right one with something done."""
    row = p.rows[name]
    theirs, truth = _name_of(p.sketches[name], known), _name_of(right, known)
    if theirs and not any(
        x.shape == row.shape and difference(row, x) < ROUNDING for x in known[theirs]
    ):
        theirs = None  # it's only close to it
    if theirs and truth and theirs != truth:
        if not seen and truth in ("`image`", "`noise`", "`x_T`"):
            return f"{theirs} for {truth}", (
                f"Look at your start: you pass {theirs} to `{who}` where {truth} belongs."
            )
        return f"{theirs} for {truth}", f"You pass {theirs} to `{who}` where {truth} belongs."
    if theirs and truth:
        return "other row", (
            f"For some image of the batch, you pass another image's {truth} to `{who}`. Each has "
            "its own."
        )
    if theirs:
        which = f", as `{name}`," if "[" in name else ""
        if often and any(close(p.sketches[name], sketch(x, SMALL)) for x in seen):
            return f"is {theirs}", (
                f"You pass {theirs}, the starting image, to `{who}` in every step."
            )
        return f"is {theirs}", f"You pass {theirs} to `{who}`{which} as it is."
    if any(x.shape == row.shape and difference(row, x) < ROUNDING for x in seen):
        return "seen before", (
            f"You call `{who}` with the same image again. It should be the one that the step "
            "before has made."
        )
    if truth and (straight := _straight(row, known[truth])):
        factor, shift = straight
        sign = "plus" if shift > 0 else "minus"
        return "shifted", (
            f"You pass {truth} to `{who}`, but times {factor:.3g} {sign} {abs(shift):.3g}. Pass it "
            "as it is."
        )
    if truth and row.ndim == 3 and (blur := _blur_of(row, known[truth])):
        return f"{blur}", f"You pass {truth} to `{who}`, but {blur}. It should be as it is."
    own = sketch(row, SMALL)
    factor = float(own @ right / (own @ own).clamp_min(1e-12))
    if not seen and abs(factor) > 1e-3 and abs(factor - 1) > 0.02 and close(right, factor * own):
        return "scaled", (
            f"The image that you pass to `{who}` is {1 / factor:.3g} times what it should be."
        )
    if row.ndim == 3:
        ends = float(((row.abs() - 1).abs() < 1e-6).float().mean())
        if float(row.abs().max()) <= 1 + 1e-6 and ends > 0.02:
            return "clamped", (
                f"The image that you pass to `{who}` is clamped to [−1, 1]. Leave it as it is."
            )
    return None


def _straight(row: torch.Tensor, rows: Sequence[torch.Tensor]) -> tuple[float, float] | None:
    """The factor and the shift that make a row out of one of several."""
    for x in rows:
        if x.shape != row.shape or float(x.std()) < 1e-6:
            continue
        off = x - x.mean()
        factor = float((off * row).sum() / off.square().sum())
        shift = float(row.mean() - factor * x.mean())
        if abs(shift) > 0.01 and abs(factor) > 0.01 and _near(row, factor * x + shift):
            return factor, shift
    return None


def _blur_of(row: torch.Tensor, rows: Sequence[torch.Tensor]) -> str | None:
    """What's been done to one of several rows, if it's its coarse or its fine part."""
    for x in rows:
        if x.shape == row.shape and low_passes.is_large_enough(x):
            for sigma in (*low_passes.SIGMAS, 1.5, 4.0, 5.0):
                coarse = low_passes.gaussian(sigma)(x[None])[0]
                if _near(row, coarse):
                    return f"blurred with σ = {sigma:g}"
                if _near(row, x - coarse):
                    return f"only its fine part, without what a blur with σ = {sigma:g} leaves"
    return None


def _near(one: torch.Tensor, other: torch.Tensor) -> bool:
    return difference(one, other) < ROUNDING


def _name_of(sketched: torch.Tensor, known: Known) -> str | None:
    """The argument that a row comes from."""
    for name, rows in known.items():
        for row in rows:
            if close(sketched, sketch(row, SMALL)):
                return name
    return None


def _turned_name(sketched: torch.Tensor, known: Known) -> tuple[str, str] | None:
    """The argument that a row comes from, and how it's been turned; "" where it hasn't been."""
    if name := _name_of(sketched, known):
        return name, ""
    for name, rows in known.items():
        for row in rows:
            if row.ndim == 3:
                for text, change in CHANGES:
                    if close(sketched, sketch(change(row), SMALL)):
                        return name, text
    return None


def _as_sums(
    case: Case, right: torch.Tensor, rows: Sequence[torch.Tensor], known: Known
) -> made_of.Reading | None:
    """What's wrong with a row, if it should be a weighted sum of the arguments."""
    for row in rows:
        for k in range(max((len(each) for each in known.values()), default=0)):
            mine = {
                name: [each[min(k, len(each) - 1)]]
                for name, each in known.items()
                if each[0].shape == row.shape
            }
            columns = {name: xs for name, xs in mine.items() if name.startswith("`")}
            extras: dict[str, Sequence[torch.Tensor]] = {
                n: xs for n, xs in mine.items() if n not in columns
            }
            if row.ndim == 3:
                extras |= {f"{n} upside down": [xs[0].flip(-2)] for n, xs in columns.items()}
                extras["a constant"] = [torch.ones_like(row)]
            for enlarged in ({}, *resized(row, k, known)):
                others = {
                    n: xs
                    for other in resized(row, k, known)
                    if other.keys() != enlarged.keys()
                    for n, xs in other.items()
                }
                found = made_of.read_off(
                    row,
                    right,
                    {**columns, **enlarged},
                    {**others, **extras},
                    {},
                    made_of.numbers_among(case),
                )
                if found is not None:
                    return found
    return None


RESIZING: dict[str, dict[str, Any]] = {
    "enlarged": {"mode": "bilinear", "align_corners": True},
    "enlarged bicubically": {"mode": "bicubic", "align_corners": True},
    "enlarged without aligned corners": {"mode": "bilinear", "align_corners": False},
    "enlarged bicubically, without aligned corners": {"mode": "bicubic", "align_corners": False},
    "enlarged by repeating pixels": {"mode": "nearest"},
}


def resized(row: torch.Tensor, k: int, known: Known) -> list[dict[str, list[torch.Tensor]]]:
    """Each smaller argument in the size of a row, in several ways."""
    if row.ndim != 3:
        return []
    return [
        {
            f"{name} {how}": [
                functional.interpolate(
                    each[min(k, len(each) - 1)][None], row.shape[-2:], **options
                )[0]
            ]
        }
        for name, each in known.items()
        if name.startswith("`") and each[0].ndim == 3 and len(each[0]) == len(row)
        if each[0].shape != row.shape
        if each[0].shape[-1] <= row.shape[-1]
        for how, options in RESIZING.items()
    ]


def _weighed(found: Sequence[Difference]) -> Difference | None:
    """Several cases' weights, named by formulas that hold in all of them; None if they can't be."""
    if any(d.reading is None or not d.reading.family.startswith(WEIGHTS) for d in found):
        return None
    pairs = [(d, d.reading) for d in found if d.reading is not None and d.reading.weighing]
    if not pairs:
        return None
    # Where a weight is small, it doesn't show that it's wrong; so begin with the most telling case.
    pairs.sort(key=lambda pair: -len(pair[1].weighing.wrong) if pair[1].weighing else 0)
    first = pairs[0][0]
    named = made_of.named_in([reading for _, reading in pairs])
    if named.key == pairs[0][1].key and len(found) > 1:
        return None
    says = f"{first.intro} {named.says}"
    return replace(first, key=f"made of: {named.key}", says=says, family="weights")


def common(found: Sequence[tuple[str, Difference]]) -> Difference | None:
    """What the differences on several cases say together.

    Args:
        found: names of cases, and the first difference on each.

    Returns:
        The one that shows everywhere, or wherever anything is said for certain. Where different
        things are, the first, with its case, is only a fact. None if nothing is different.
    """
    certain = [(name, d) for name, d in found if d.certain]
    if certain:
        name, first = certain[0]
        # Where all was asked rightly and the answer is wrong, it's wrong in another way.
        unexplained = any(d.key == RIGHT for _, d in found) and first.of_a_result
        if not unexplained and (together := _weighed([d for _, d in certain])):
            return together
        families = {d.family or d.key for _, d in certain}
        if len(families) == 1 and not unexplained:
            return first
        return replace(first, says=f"In the test case “{name}”: {first.says}", certain=False)
    return next((d for _, d in found if d.key != RIGHT), None)
