"""Read off what an image is made of: a weighted sum of what the function had in its hands.

A step of a loop adds up the image it starts from, what the network says about it, and fresh noise;
a clean estimate is the noisy image less some of the noise. If a call was watched, all of these are
known, and least squares gives their weights: in the student's image from its values, and in the
solution's from a sketch, which is linear.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from pset.checks.definition import Case, StandIn
from pset.checks.diagnosis import formulas
from pset.checks.diagnosis.formulas import Atoms, Clock, Weighing
from pset.checks.diagnosis.least_squares import closest
from pset.checks.diagnosis.queries import SMALL, Moment
from pset.checks.diagnosis.sketch import sketch
from pset.checks.diagnosis.wording import listed, upper
from pset.checks.difference import difference
from pset.checks.inputs import SCHEDULES
from pset.checks.watching import Query
from pset.sampling import step_variance
from pset.seeded_noise import SEED, noise, step_noise

FITS = 1e-3  # relative residual of a sum
SAME = 4e-3  # relative difference of two weights that are called equal
ROUNDING = 1e-5  # relative; no residual is trusted to be smaller
SURE = 5  # standard errors of a weight, where two columns are nearly the same
SLIGHT = 0.02  # a weight below this share of an image's strength can't be told from none

STEP_NOISE = "the noise that the step adds"

NOISE_OF_T = "the step noise of t"

EVERY_STEP = "`pset.noise`, the same in every step,"

Columns = Mapping[str, Sequence[torch.Tensor]]
"""A name for the student → one tensor, or one for each channel where each has its own weight."""


@dataclass(frozen=True)
class Weight:
    """A weight, and how far it may be off because of the residual."""

    value: float
    error: float


Weights = dict[str, list[Weight]]


@dataclass(frozen=True)
class Reading:
    """What was read off an image.

    Args:
        key: a short name.
        says: what the student reads.
        family: of readings that may be one mistake; the key by default.
        weighing: the weights, where it's they that are wrong.
        besides: of what it says, all that isn't about those weights.
    """

    key: str
    says: str
    family: str = ""
    weighing: Weighing | None = None
    besides: str = ""


@dataclass(frozen=True)
class Difference:
    """The first difference between what two functions ask.

    Args:
        key: its kind; the same in every case if it's the same mistake.
        says: what the student reads.
        certain: it says what's wrong, not only where.
        family: of kinds that may be one mistake on different cases; the key by default.
        of_a_result: it's about what the function makes of what it has asked, not about a question.
        reading: of the weights, where that's what it's about.
        intro: what's said before the reading.
    """

    key: str
    says: str
    certain: bool = True
    family: str = ""
    of_a_result: bool = False
    reading: Reading | None = None
    intro: str = ""


def difference_of(reading: Reading, intro: str) -> Difference:
    """The difference that a reading of a result is."""
    return Difference(
        f"made of: {reading.key}",
        f"{intro} {reading.says}",
        family=reading.family,
        of_a_result=True,
        reading=reading,
        intro=intro,
    )


@dataclass(frozen=True)
class Numbers:
    """What formulas of weights may be made of.

    Args:
        clocks: the timesteps.
        others: further numbers, by name.
    """

    clocks: Sequence[Clock] = ()
    others: Atoms = field(default_factory=dict)


TURNS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as it is": lambda x: x,
    "upside down": lambda x: x.flip(-2),
    "mirrored left to right": lambda x: x.flip(-1),
    "turned by 180°": lambda x: x.flip(-1, -2),
    "transposed": lambda x: x.transpose(-1, -2),
    "turned by 90° to the left": lambda x: x.rot90(1, (-2, -1)),
    "turned by 90° to the right": lambda x: x.rot90(-1, (-2, -1)),
    "with its colour channels in reverse order": lambda x: x.flip(0),
}


def read_off(
    theirs: torch.Tensor,
    ours: torch.Tensor,
    columns: Columns,
    extras: Columns,
    others: Mapping[str, Columns],
    numbers: Numbers,
    strays: Mapping[str, Columns] | None = None,
    same: float = SAME,
) -> Reading | None:
    """What's wrong with an image, if it should be a weighted sum.

    Args:
        theirs: the student's image, `[C, H, W]`.
        ours: a sketch of the right one.
        columns: what it should be made of.
        extras: what may have got into it.
        others: what the student has, where all the columns may be others: the first image's.
        numbers: that weights may be made of.
        strays: several columns at a place where they don't belong, in the sum that's right.
        same: relative difference of two weights that are called equal.
    """
    for name, tensors in {**columns, **extras}.items():
        if len(tensors) == 1 and difference(theirs, tensors[0]) < ROUNDING:
            return Reading(f"is {name}", f"It's {name.rstrip(',')} itself.")
    turned = _turned_to_fit(columns, lambda those: _fit_sketch(those, ours))
    if turned is None:
        return None
    turns, right = turned
    straight = {name: [TURNS[turns[name]](x) for x in xs] for name, xs in columns.items()}
    found = _fit(straight, theirs)
    if found is not None:
        if replaced := _replaced(straight, extras, right, found, theirs):
            return replaced
        return _compared(right, found, theirs, straight, numbers, same)
    for name, turn, those_turned in _other_turns(columns, turns):
        if _is_right(those_turned, right, theirs):
            says = f"{upper(name)} is {turn} in it; it should be {turns[name]}."
            if turn == "as it is":
                says = f"{upper(name)} isn't turned in it; it should be {turns[name]}."
            return Reading(f"{name} {turn}", says)
    for name, those in others.items():
        if those.keys() == straight.keys() and _is_right(those, right, theirs, STEP_NOISE):
            return Reading(name, f"You use {name}.")
    for what, changed, attempt in _changed(straight, right):
        if _is_right(attempt, right, theirs, changed):
            return Reading(what, f"{upper(what)}. Leave it as it is.")
    together = {name: [sum_of(right, those)] for name, those in (strays or {}).items() if those}
    return _with_an_extra(straight, {**together, **extras}, right, theirs)


def sum_of(weights: Weights, columns: Columns) -> torch.Tensor:
    """The weighted sum of some columns."""
    return torch.stack(
        [w.value * x for n, xs in columns.items() for w, x in zip(weights[n], xs)]
    ).sum(0)


def is_sum(columns: Columns, theirs: torch.Tensor) -> bool:
    """Whether an image is a weighted sum of some columns, with whatever weights."""
    return _fit(columns, theirs) is not None


def _replaced(
    straight: Columns, extras: Columns, right: Weights, found: Weights, theirs: torch.Tensor
) -> Reading | None:
    """One thing in another's place, where it's a sum of the columns itself."""
    wrong = _wrong(right, found, theirs, straight)
    if len(wrong) < 2:
        return None
    for name, extra in extras.items():
        if len(extra) != 1 or not name.startswith(("the noise estimate", *SCALES, "`")):
            continue
        for lost in wrong:
            if len(right[lost]) == 1 and _is_right({**straight, lost: extra}, right, theirs):
                return Reading(f"{name} for {lost}", f"You use {name} in place of {lost}.")
    return None


def _with_an_extra(
    straight: Columns, extras: Columns, right: Weights, theirs: torch.Tensor
) -> Reading | None:
    """Something that doesn't belong there, in another's place or added; otherwise, just in it."""
    unclear: list[tuple[int, Reading]] = []
    replaced: Reading | None = None
    for name, extra in extras.items():
        found = _fit({**straight, name: extra}, theirs)
        if found is None or _strength(found[name], extra) < SLIGHT * _size(theirs):
            continue
        lost = [n for n in right if _gone(right[n], found[n], straight[n], theirs)]
        wrong = _wrong(right, found, theirs, straight)
        if len(lost) == 1 and wrong == lost:
            says = f"You use {name} in place of {lost[0]}."
            reading = Reading(f"{name} for {lost[0]}", says)
            if not name.startswith(NOISE) or _agrees(found[name], right[lost[0]]):
                return reading
            # A multiple of some other noise: perhaps another one fits as it is.
            replaced = replaced or reading
            continue
        if not wrong:
            return Reading(f"{name} added", f"There's {name} in it, which doesn't belong there.")
        shown = {n for n, w in right.items() if _shows(w, straight[n], theirs)}
        if len(shown) > 1 and {*wrong} >= shown:
            continue  # if nothing is as it should be, one more column fits by accident
        says = (
            f"There's {name} in it, which doesn't belong there; and the weight of "
            f"{listed(wrong)} isn't right."
        )
        others = [n for n in wrong if n not in lost]
        if len(lost) == 1 and _agrees(found[name], right[lost[0]]):
            says = f"You use {name} in place of {lost[0]}; and the weight of {listed(others)}"
            says += " isn't right."
        unclear.append((len(others), Reading(f"{name} in it", says)))
    least = min(unclear, key=lambda pair: pair[0], default=None)
    return replaced or (least[1] if least else None)


SCALES = ("the coarse part of", "the fine part of")
"""How the names of parts of an image begin."""

NOISE = ("the noise with", "the noise at")
"""How the names of multiples of a step's noise begin."""


def _shows(weights: Sequence[Weight], column: Sequence[torch.Tensor], theirs: torch.Tensor) -> bool:
    return _strength(weights, column) > SLIGHT * _size(theirs)


def _agrees(found: Sequence[Weight], right: Sequence[Weight]) -> bool:
    return all(
        abs(f.value - r.value) < SAME * abs(r.value) + SURE * (f.error + r.error)
        for f, r in zip(found, right)
    )


def _is_right(columns: Columns, right: Weights, theirs: torch.Tensor, but: str = "") -> bool:
    """Whether these columns, with the right weights (`but` for one), are the student's image."""
    found = _fit(columns, theirs)
    return found is not None and not {*_wrong(right, found, theirs, columns)} - {but}


def _changed(
    columns: Columns, right: Weights
) -> Iterator[tuple[str, str, dict[str, Sequence[torch.Tensor]]]]:
    """The columns with something done to one, or to both estimates of the noise together.

    Yields:
        What was done, the one column whose weight may be another then, and the columns.
    """
    noises = {n: xs[0] for n, xs in columns.items() if n.startswith("the noise estimate")}
    for name, xs in columns.items():
        if len(xs) == 1 and xs[0].ndim == 3:
            for what, change in CHANGES.items():
                yield what.format(name), name, {**columns, name: [change(xs[0])]}
    total = sum(right[n][0].value for n in noises)
    if len(noises) == 2 and abs(total) > 1e-6:
        shares = {n: right[n][0].value / total for n in noises}
        guided = torch.stack([shares[n] * x for n, x in noises.items()]).sum(0)
        first = next(iter(noises))
        for what, change in CHANGES.items():
            # The same sum as before, with the change in it: it's put into the two columns.
            moved = (change(guided) - guided) / sum(shares.values())
            both = {n: [x + moved] for n, x in noises.items()}
            name = "the guided noise" if " for " in first else "the mix of the estimates"
            yield what.format(name), "", {**columns, **both}
    for name, estimated in noises.items():
        variance = columns.get(name.replace("the noise estimate", "the variance", 1))
        if variance:
            output = torch.cat([estimated, variance[0]])
            for start in (0, 1):
                picked = {**columns, name: [output[start::2]]}
                yield "you've taken every second channel of the network's output", "", picked


CHANGES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "you've clamped {} to [−1, 1]": lambda x: x.clamp(-1, 1),
    "you've clamped {} to [0, 1]": lambda x: x.clamp(0, 1),
    "you've rounded {} to float16": lambda x: x.half().float(),
    "you've standardised {}: divided it by its standard deviation": lambda x: (
        x / x.std().clamp_min(1e-9)
    ),
    "you've taken the mean of {} over its pixels": lambda x: x.mean((-2, -1), True).expand_as(x),
    "you've averaged {} over the colours": lambda x: x.mean(-3, True).expand_as(x),
    "you've used one colour channel of {} for all": lambda x: x[:1].expand_as(x),
    "you've taken the absolute value of {}": lambda x: x.abs(),
    "you've squared {}": lambda x: x.square(),
    "you've scaled {} to unit length in each pixel": lambda x: (
        x / x.norm(dim=0, keepdim=True).clamp_min(1e-9)
    ),
    "you've scaled {} by the root of its length in each pixel": lambda x: (
        x / x.norm(dim=0, keepdim=True).sqrt().clamp_min(1e-9)
    ),
    "you've taken a logarithm of {}": lambda x: (x.abs() + 1e-6).log(),
}


def _compared(
    right: Weights,
    found: Weights,
    theirs: torch.Tensor,
    columns: Columns,
    numbers: Numbers,
    same: float,
) -> Reading | None:
    wrong = _wrong(right, found, theirs, columns, same)
    if not wrong:
        return None
    weighing = _weighing(right, found, wrong, columns, numbers)
    strengths = {n: _strength(right[n], columns[n]) for n in right}
    strong = {n for n, s in strengths.items() if s > SLIGHT / 4 * max(strengths.values())}
    if len(wrong) > 1 and {*wrong} == strong:
        ratios = [
            f.value / r.value
            for n in wrong
            for f, r in zip(found[n], right[n])
            if abs(r.value) > 1e-4
        ]
        if ratios and max(ratios) - min(ratios) < SAME * max(abs(r) for r in ratios):
            says = f"Everything in it is {ratios[0]:.3g} times as strong as it should be."
            return _named(Reading("all scaled", says, f"all scaled by {ratios[0]:.2g}", weighing))
    if len(wrong) == 2 and all(len(right[n]) == 1 for n in wrong):
        (a,), (b,) = right[wrong[0]], right[wrong[1]]
        (c,), (d,) = found[wrong[0]], found[wrong[1]]
        if abs(a.value - d.value) < SAME * abs(a.value) and (
            abs(b.value - c.value) < SAME * abs(b.value)
        ):
            says = f"You've swapped the weights of {listed(wrong)}."
            return Reading("weights swapped", says)
    for name in wrong:
        if (half := _other_half(name, wrong, right, found)) is not None:
            return Reading("variance for noise", half)
    if len(wrong) == 2 and (shares := _shares(wrong, right, found)):
        return shares
    # A weight without a place among the right ones is none to speak of.
    fine = [n for n in right if n not in wrong and _strength(right[n], columns[n]) > 1e-3]
    parts = []
    if fine:
        several = ("s", "are") if len(fine) > 1 else ("", "is")
        parts.append(f"The weight{several[0]} of {listed(fine)} {several[1]} right.")
    keys = []
    unnamed = []
    for name in wrong:
        key, says = _of_weight(name, right[name], found[name], _none(columns[name], theirs))
        if key == "wrong":
            unnamed.append((name, says))
        else:
            parts.append(says)
        keys.append(f"{name} {key}")
    besides = " ".join(parts)
    weighing = replace(weighing, wrong=[n for n, _ in unnamed]) if weighing and unnamed else None
    says = " ".join([*parts, *(text for _, text in unnamed)])
    return _named(Reading(", ".join(keys), says, "weights", weighing, besides))


def _weighing(
    right: Weights, found: Weights, wrong: Sequence[str], columns: Columns, numbers: Numbers
) -> Weighing | None:
    """The weights, for formulas; None where a column has several."""
    if any(len(w) != 1 for w in right.values()):
        return None
    measured = {
        f"{size} of {name}": value
        for name, (x, *_) in columns.items()
        if name in (*wrong, NOISY)
        for size, value in sizes(x).items()
    }
    return Weighing(
        {n: w[0].value for n, w in right.items()},
        {n: w[0].value for n, w in found.items()},
        {n: right[n][0].error + found[n][0].error for n in right},
        wrong,
        numbers.clocks,
        {**numbers.others, **measured},
    )


def sizes(x: torch.Tensor) -> dict[str, float]:
    """What an image may be divided by to normalise it."""
    if x.numel() < 2:
        return {}
    return {
        "the standard deviation": float(x.std()),
        "the length": float(x.norm()),
        "the largest value": float(x.abs().max()),
    }


def _named(reading: Reading) -> Reading:
    """The reading with its weights named, where one case suffices for that."""
    return named_in([reading])


def named_in(readings: Sequence[Reading]) -> Reading:
    """The first of several cases' readings, with the weights named by formulas that hold in all."""
    weighings = [r.weighing for r in readings]
    known = [w for w in weighings if w is not None]
    first = readings[0]
    if len(known) < len(readings) or any(w.right.keys() != known[0].right.keys() for w in known):
        return first
    # Where an argument is left to its default, its number isn't known here.
    told = formulas.explained(
        [w for w in known if len(w.names) == max(len(v.names) for v in known)]
    )
    if told is None:
        return first
    says = " ".join(filter(None, [first.besides, told[1]]))
    return replace(first, key=told[0], says=says)


def _shares(wrong: Sequence[str], right: Weights, found: Weights) -> Reading | None:
    """A sentence about two estimates of the noise whose sum is right, and their shares aren't."""
    if any(not n.startswith("the noise estimate") or len(right[n]) != 1 for n in wrong):
        return None
    one, other = sorted(wrong, key=lambda name: "null" in name)
    whole = right[one][0].value + right[other][0].value
    off = found[one][0].value + found[other][0].value - whole
    if abs(whole) < 1e-6 or abs(off) > SAME * abs(whole):
        return None
    ours, theirs = right[one][0].value / whole, found[one][0].value / whole
    if "null" in other:
        says = f"You guide with γ = {theirs:.3g}, and it should be γ = {ours:.3g}."
        return Reading(f"γ {theirs:.2g}", says, "γ")
    says = (
        f"You weight {one} with {theirs:.3g} and {other} with {1 - theirs:.3g}; it should be "
        f"{ours:.3g} and {1 - ours:.3g}."
    )
    return Reading(f"shares {theirs:.2g}", says, "shares")


def _other_half(name: str, wrong: Sequence[str], right: Weights, found: Weights) -> str | None:
    """A sentence, if the variance has taken the place of the noise estimate."""
    noise = name.replace("the variance", "the noise estimate", 1)
    if noise == name or noise not in wrong:
        return None
    (ours,), (theirs,), (left,) = right[noise], found[name], found[noise]
    if abs(left.value) < SAME and abs(ours.value - theirs.value) < SAME * abs(ours.value):
        return f"You take {name} where {noise} belongs: the wrong half of the output."
    return None


def _of_weight(name: str, right: list[Weight], found: list[Weight], none: float) -> tuple[str, str]:
    strong = max(abs(w.value) for w in [*right, *found])
    least = min(SLIGHT / 4 * strong, none)
    if all(abs(w.value) < least for w in found):
        if name.startswith(STEP_NOISE):
            return "missing", "No noise is added in it."
        return "missing", f"{upper(name)} isn't in it at all."
    if all(abs(w.value) < least for w in right):
        if name.startswith(STEP_NOISE):
            return "too much", "You add noise after the last step, too."
        return "too much", f"{upper(name)} shouldn't be in it."
    if all(abs(f.value + r.value) < SAME * abs(r.value) for f, r in zip(found, right)):
        return "negated", f"{upper(name)} has the wrong sign."
    for ratio, says in SIMPLE.items():
        if all(abs(f.value - ratio * r.value) < SAME * abs(r.value) for f, r in zip(found, right)):
            return "wrong", f"The weight of {name} isn't right: it's {says} what it should be."
    more = sum(abs(f.value) for f in found) > sum(abs(r.value) for r in right)
    far = "large" if more else "small"
    return "wrong", f"The weight of {name} isn't right: it's too {far}."


SIMPLE = {
    2.0: "twice",
    0.5: "half of",
    3.0: "three times",
    1 / 3: "a third of",
    4.0: "four times",
    0.25: "a quarter of",
    2**0.5: "√2 times",
    0.5**0.5: "1/√2 times",
}
"""Ratios of a wrong weight to the right one, in words."""


def _none(column: Sequence[torch.Tensor], theirs: torch.Tensor) -> float:
    """A weight of a column that doesn't show in an image of at most unit strength: a weight may be
    small beside a wrong one, and right nevertheless."""
    size = min(_size(theirs), 1.0)
    return SLIGHT / 4 * size / max(max(_size(x) for x in column), 1e-12)


def _wrong(
    right: Weights,
    found: Weights,
    theirs: torch.Tensor,
    columns: Columns,
    same: float = SAME,
) -> list[str]:
    """The names whose weights differ: by more than rounding, and by so much that it shows."""
    size = _size(theirs)
    wrong = []
    for name, ours in right.items():
        for a, b, x in zip(ours, found[name], columns[name]):
            off = abs(a.value - b.value)
            if (
                off * _size(x) > same * size
                and off > same * abs(a.value)
                and off > SURE * (a.error + b.error)
            ):
                wrong.append(name)
                break
    return wrong


def _gone(
    right: list[Weight], found: list[Weight], column: Sequence[torch.Tensor], theirs: torch.Tensor
) -> bool:
    small = _strength(found, column) < SLIGHT * _size(theirs)
    return small and _shows(right, column, theirs)


def _strength(weights: Sequence[Weight], column: Sequence[torch.Tensor]) -> float:
    return max(abs(w.value) * _size(x) for w, x in zip(weights, column))


def _size(x: torch.Tensor) -> float:
    return float(x.double().square().mean().sqrt())


# --- fitting -------------------------------------------------------------------------------------


def residual(columns: Columns, ours: torch.Tensor) -> float:
    """How far the closest weighted sum is from what a sketch is of, relative; infinite if too many
    columns would fit anything."""
    if sum(map(len, columns.values())) > SMALL // 2:
        return float("inf")
    matrix = torch.stack([sketch(x, SMALL) for xs in columns.values() for x in xs], 1).double()
    return closest(matrix, ours.double())[1]


def weights_of(columns: Columns, ours: torch.Tensor) -> dict[str, float]:
    """The weights with which columns, one for each name, come closest to what a sketch is of."""
    matrix = torch.stack([sketch(xs[0], SMALL) for xs in columns.values()], 1).double()
    return dict(zip(columns, closest(matrix, ours.double())[0].tolist(), strict=True))


def _fit_sketch(columns: Columns, target: torch.Tensor) -> Weights | None:
    if sum(map(len, columns.values())) > SMALL // 2:
        return None
    sketched = {name: [sketch(x, SMALL) for x in xs] for name, xs in columns.items()}
    return _fit(sketched, target)


def _fit(columns: Columns, target: torch.Tensor) -> Weights | None:
    """The weights with which the columns add up to the target; None if they don't."""
    flat = [x.double().flatten() for xs in columns.values() for x in xs]
    if not flat or any(len(x) != target.numel() for x in flat):
        return None
    scales = [x.norm().clamp_min(1e-12) for x in flat]
    matrix = torch.stack([x / s for x, s in zip(flat, scales)], dim=1)
    goal = target.double().flatten()
    solution, rest = closest(matrix, goal)
    if not rest < FITS:
        return None
    # The standard error of each weight, where the residual is spread over all values alike.
    spread = torch.linalg.pinv(matrix.T @ matrix, hermitian=True).diagonal().clamp_min(0).sqrt()
    free = max(len(goal) - len(flat), 1)
    errors = spread * goal.norm() * max(rest, ROUNDING) / free**0.5
    norms = torch.stack(scales)
    pairs = iter(zip((solution / norms).tolist(), (errors / norms).tolist(), strict=True))
    return {name: [Weight(*next(pairs)) for _ in xs] for name, xs in columns.items()}


def _turned_to_fit(
    columns: Columns, fit: Callable[[Columns], Weights | None]
) -> tuple[dict[str, str], Weights] | None:
    """How the columns have to be turned to fit, at most one of them, and their weights."""
    turns = dict.fromkeys(columns, "as it is")
    if (found := fit(columns)) is not None:
        return turns, found
    for name, turn, attempt in _other_turns(columns, turns):
        if (found := fit(attempt)) is not None:
            return turns | {name: turn}, found
    return None


def _other_turns(
    columns: Columns, turns: Mapping[str, str]
) -> Iterator[tuple[str, str, dict[str, list[torch.Tensor]]]]:
    for name, xs in columns.items():
        if len(xs) != 1 or not name.startswith(SAID):
            continue
        for turn, change in TURNS.items():
            changed = change(xs[0])
            if turn != turns[name] and changed.shape == xs[0].shape:
                rest = {n: [TURNS[turns[n]](x) for x in those] for n, those in columns.items()}
                yield name, turn, rest | {name: [changed]}


SAID = ("the noise estimate", "the variance", "the result", "result")
"""How the names of what a stand-in said begin."""

NOISY = "the noisy image"

# --- what an image can be made of ----------------------------------------------------------------


def outputs(query: Query, label: str) -> dict[str, list[torch.Tensor]]:
    """What a stand-in said about one image: noise and variance, or what it returned."""
    rows = list(query.answers)
    if len(rows) == 1 and rows[0].ndim == 3 and rows[0].shape[0] == 6:
        rows = list(rows[0].split(3))
    if len(rows) == 2:
        return {f"the noise estimate{label}": [rows[0]], f"the variance{label}": [rows[1]]}
    if len(rows) == 1:
        return {f"the result of `{query.who}`{label}": [rows[0]]}
    return {f"result {k} of `{query.who}`{label}": [row] for k, row in enumerate(rows, 1)}


def clean_estimate(
    x_t: torch.Tensor, noise_estimate: torch.Tensor, schedule: torch.Tensor, t: float
) -> torch.Tensor:
    """x̂_0 = (x_t − √(1 − ᾱ_t)·ε)/√ᾱ_t."""
    alpha_bar = schedule[int(t)]
    return (x_t - (1 - alpha_bar).sqrt() * noise_estimate) / alpha_bar.sqrt()


@dataclass(frozen=True)
class Step:
    """One step of a loop, for one image of a batch.

    Args:
        case: that it belongs to.
        shape: of the batch.
        row: the image's place in it.
        t, t_next: the timesteps that it leaves and arrives at.
    """

    case: Case
    shape: Sequence[int]
    row: int
    t: int
    t_next: int

    @property
    def seed(self) -> int:
        """Of the noise."""
        return seed_of(self.case)

    @property
    def alpha_bars(self) -> tuple[torch.Tensor, torch.Tensor]:
        """ᾱ at the two timesteps."""
        schedule = schedule_of(self.case).double()
        return schedule[self.t], schedule[self.t_next]

    @property
    def noise(self) -> torch.Tensor:
        """The step's noise, of variance 1."""
        return step_noise(self.shape, self.t_next, self.seed)[self.row]

    def sigma(self, variance: torch.Tensor) -> torch.Tensor:
        """The noise's standard deviation, from the variance channels."""
        return step_variance(variance.double(), *self.alpha_bars).sqrt().float()

    def others(self, sigma: torch.Tensor, variance: torch.Tensor) -> dict[str, torch.Tensor]:
        """Other noise than it should add, by what's wrong with it."""
        z, (alpha_bar, alpha_bar_prev) = self.noise, self.alpha_bars
        beta = 1 - alpha_bar / alpha_bar_prev
        small = (1 - alpha_bar_prev) / (1 - alpha_bar) * beta
        of_t = step_noise(self.shape, self.t, self.seed)[self.row]
        first = step_noise(self.shape, self.t_next, self.seed)[0]
        one = step_noise((1, *self.shape[1:]), self.t_next, self.seed)[0]
        given = {
            f"the given `{name}`, the same in every step,": sigma
            * value[min(self.row, len(value) - 1)]
            for name, value in self.case.arguments.items()
            if isinstance(value, torch.Tensor)
            and value.ndim == 4
            and tuple(value.shape[1:]) == tuple(self.shape[1:])
        }
        found = {
            "σ² times the noise, not σ times,": sigma**2 * z,
            "the noise with the variance β": float(beta.clamp_min(0).sqrt()) * z,
            "the noise with the smallest variance, β̃,": float(small.clamp_min(0).sqrt()) * z,
            "the noise times the raw variance channels": variance * z,
            "the noise at full strength": z,
            f"{NOISE_OF_T}, the timestep that the step leaves,": sigma * of_t,
            "the same noise for all images of the batch": sigma * one,
            "the first image's step noise": sigma * first,
            EVERY_STEP: sigma * noise(self.shape, self.seed)[self.row],
            "the step noise of the default seed": sigma
            * step_noise(self.shape, self.t_next, SEED)[self.row],
        } | given
        return {name: x for name, x in found.items() if not torch.equal(x, sigma * z)}


def seed_of(case: Case) -> int:
    """Of a case's noise."""
    seed = case.arguments.get("seed", SEED)
    return seed if isinstance(seed, int) else SEED


def step_noise_of(case: Case, shape: Sequence[int], t: int, row: int) -> torch.Tensor:
    """One image's noise of the step that arrives at t."""
    return step_noise(shape, t, seed_of(case))[row]


def course_noise_of(case: Case, shape: Sequence[int], row: int) -> torch.Tensor:
    """One image's noise, as it's drawn at the start."""
    return noise(shape, seed_of(case))[row]


def schedule_of(case: Case) -> torch.Tensor:
    """ᾱ_t of a case: given as an argument, or by one of its stand-ins; the course's otherwise."""
    named = next(
        (
            str(value.arguments["schedule"])
            for value in case.arguments.values()
            if isinstance(value, StandIn) and "schedule" in value.arguments
        ),
        "cosine",
    )
    given = case.arguments.get("alphas_cumprod")
    return given if isinstance(given, torch.Tensor) else SCHEDULES[named]()


def numbers_at(case: Case, t: float | None, t_next: float | None = None) -> Numbers:
    """What the weights of a step from t to t′ may be made of, with the schedule of the case."""
    schedule = schedule_of(case)
    clocks = [
        formulas.clock(name, int(at), schedule)
        for name, at in (("t", t), ("t′", t_next))
        if at is not None and 0 <= int(at) < len(schedule)
    ]
    return Numbers(clocks, formulas.numbers_of(case))


def numbers_among(case: Case) -> Numbers:
    """What weights may be made of where a case's arguments are added up."""
    return Numbers(formulas.clocks_of(case, schedule_of(case)), formulas.numbers_of(case))


def images(moment: Moment) -> list[list[Query]]:
    """The queries of a moment, put together by the image that they're about."""
    found: list[list[Query]] = []
    for query in moment:
        main = main_tensor(query)
        if main is None:
            return []
        for those in found:
            other = main_tensor(those[0])
            if other is not None and torch.equal(query.sketches[main], those[0].sketches[other]):
                those.append(query)
                break
        else:
            found.append([query])
    return found


def main_tensor(query: Query) -> str | None:
    """The parameter with the image; by its row, or, without rows, the first."""
    for name, row in query.rows.items():
        if row.ndim == 3:
            return name
    return next(iter(query.sketches), None) if not query.rows else None
