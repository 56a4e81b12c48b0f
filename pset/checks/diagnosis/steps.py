"""Look into the one step in which an image goes wrong, and say what it's wrongly made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch

from pset.checks.definition import Case
from pset.checks.diagnosis import facts, low_passes, made_of, masks
from pset.checks.diagnosis.asked import resized
from pset.checks.diagnosis.made_of import (
    EVERY_STEP,
    NOISY,
    STEP_NOISE,
    Columns,
    Difference,
    Numbers,
    Reading,
)
from pset.checks.diagnosis.queries import SMALL, Moment, alike, steps
from pset.checks.diagnosis.sketch import sketch
from pset.checks.difference import difference
from pset.checks.watching import Query
from pset.sampling import STRIDED_TIMESTEPS


@dataclass(frozen=True)
class Hands:
    """What a function has in its hands for one image; see `made_of.read_off`.

    Args:
        columns: what belongs into the result.
        extras: what may have got into it.
        others: what all the columns may be instead.
        strays: what may be at the wrong place.
        whole: the columns before they were masked; empty without a mask.
    """

    columns: Columns
    extras: Columns
    others: Mapping[str, Columns]
    strays: Mapping[str, Columns]
    whole: Columns = field(default_factory=dict)


NOTHING = Hands({}, {}, {}, {})


def explain_step(
    case: Case,
    theirs: Sequence[Query],
    ours: Sequence[Query],
    answer: torch.Tensor,
    expected: torch.Tensor,
) -> Difference | None:
    """What's wrong in the first step that goes wrong; None if it can't be read off.

    Args:
        case: that was asked about.
        theirs: the student's queries, with their rows.
        ours: the solution's.
        answer: the student's.
        expected: the right one.
    """
    a, b = steps(ours), steps(theirs)
    for k, (right, done) in enumerate(zip(a, b)):
        if [m[0].who for m in right] != [m[0].who for m in done] or any(
            x[0].numbers != y[0].numbers for x, y in zip(right, done)
        ):
            return None
        if all(any(alike(q, p) for p in y) for x, y in zip(right, done) for q in x):
            continue
        if k == 0:
            return None
        return _between(case, b[k - 1], right, done, b[k + 1] if k + 1 < len(b) else None)
    if len(a) != len(b) or not a:
        return None
    return _at_the_end(case, a, b, answer, expected)


def _between(
    case: Case,
    before: list[Moment],
    right: list[Moment],
    done: list[Moment],
    after: list[Moment] | None,
) -> Difference | None:
    """The step that leads to an image that isn't right; `after` is what's asked after the next."""
    here = made_of.images(done[0])
    there = made_of.images(before[0])
    names = [made_of.main_tensor(those[0]) for those in here]
    if not here or len(here) != len(there) or None in names:
        return None
    goals: list[torch.Tensor] = []
    for query in right[0]:
        goal = query.sketches[str(names[0])]
        if not any(torch.equal(goal, known) for known in goals):
            goals.append(goal)
    if len(goals) != len(here):
        return None
    t, t_next = _time(before[0][0]), _time(done[0][0])
    for k, (goal, those) in enumerate(zip(goals, here)):
        target = those[0].rows[str(names[k])]
        hands = _hands(case, before, k, len(here), t, t_next, goal)
        reading = _read(target, goal, hands, made_of.numbers_at(case, t, t_next))
        reading = masks.read(target, goal, hands.columns, hands.whole, _mask(case, k)) or reading
        if reading is not None:
            if EVERY_STEP in reading.key and after and not _again(case, done, after, k, len(here)):
                reading = OWN_NOISE
            if reading.key.startswith(made_of.NOISE_OF_T) and after and t is not None:
                of_t = made_of.step_noise_of(case, (len(here), *target.shape), int(t), k)
                if _again(case, done, after, k, len(here), of_t):
                    reading = DRAWN_ONCE
            where = "your first step" if t is None else f"your step from t = {t:g}"
            if t_next is not None and t is not None:
                where += f" to {t_next:g}"
            who = done[0][0].who
            if who not in {m[0].who for m in before}:
                where = f"what you pass to `{who}`, after {where}"
            return made_of.difference_of(reading, f"Look at {where}.")
    return None


OWN_NOISE = Reading(
    "own noise",
    f"You add your own noise in place of {STEP_NOISE}: here, it's `pset.noise`; in the next step, "
    "it's something else, as if one generator drew all of them.",
)


DRAWN_ONCE = Reading(
    "drawn once",
    "You add the same noise in every step: it's drawn once, before the loop. Each step has its "
    "own, `pset.step_noise` of the timestep at which it arrives.",
)


def _again(
    case: Case,
    step: list[Moment],
    after: list[Moment],
    k: int,
    count: int,
    noise: torch.Tensor | None = None,
) -> bool:
    """Whether the step adds the noise that's said to be in every step; by default `EVERY_STEP`."""
    t, t_next, there = _time(step[0][0]), _time(after[0][0]), made_of.images(after[0])
    if len(there) != count or (name := made_of.main_tensor(there[k][0])) is None:
        return True
    target = there[k][0].rows[name]
    hands = _hands(case, step, k, count, t, t_next, sketch(target, SMALL))
    if EVERY_STEP not in hands.extras:
        return True
    columns = {n: xs for n, xs in hands.columns.items() if n != STEP_NOISE}
    again = hands.extras[EVERY_STEP][0]
    if noise is not None:
        # The step's σ comes with it.
        again = again / made_of.course_noise_of(case, (count, *target.shape), k) * noise
    return made_of.is_sum({**columns, EVERY_STEP: [again]}, target)


def _at_the_end(
    case: Case,
    a: list[list[Moment]],
    b: list[list[Moment]],
    answer: torch.Tensor,
    expected: torch.Tensor,
) -> Difference | None:
    """What the result is made of, where everything is asked rightly."""
    if answer.ndim != 4 or answer.shape[1] % 3:
        return None
    last = b[-1]
    here = made_of.images(last[0])
    if len(here) != len(answer):
        return None
    is_loop = len(b) > 1
    t = _time(last[0][0])
    t_next = float(list(case.arguments.get("timesteps") or STRIDED_TIMESTEPS)[-1])
    halves = answer.shape[1] // 3
    labels = [facts.named([place], halves) for place in range(halves)]
    wrong: list[tuple[str, Difference]] = []
    fine: list[str] = []
    for half, label in enumerate(labels):
        channels = slice(3 * half, 3 * half + 3)
        readings = []
        off = False
        for k in range(len(answer)):
            target, goal = answer[k, channels], expected[k, channels]
            if float((target - goal).norm()) <= made_of.FITS * float(goal.norm()):
                continue
            off = True
            numbers = made_of.numbers_at(case, t, t_next if is_loop else None)
            truth = sketch(goal, SMALL)
            hands = _hands(case, last, k, len(here), t, t_next if is_loop else None, truth)
            reading = _read(target, truth, hands, numbers)
            if is_loop:
                mask = _mask(case, k)
                reading = masks.read(target, truth, hands.columns, hands.whole, mask) or reading
            if reading is None and not is_loop:
                reading = _by_scales(target, truth, hands.columns, numbers)
            if not is_loop and t is not None and halves == 1 and hands.columns:
                clean = _with_clean_estimate(case, dict(hands.columns), {}, t)
                reading = _simpler(reading, made_of.read_off(target, truth, clean, {}, {}, numbers))
            if reading is not None:
                what = "your last step" if is_loop else "your result"
                if halves > 1:
                    what = f"your {label}"
                readings.append(made_of.difference_of(reading, f"Look at {what}."))
        if not off:
            fine.append(label)
        elif not readings:
            return None
        else:
            wrong.append((label, readings[0]))
    if not wrong:
        return None
    says = " ".join(d.says for _, d in wrong)
    if fine:
        says = f"Your {' and your '.join(fine)} is right. {says}"
    if halves == 1:
        return wrong[0][1]
    families = "; ".join(f"{label}: {d.family or d.key}" for label, d in wrong)
    return Difference(
        "; ".join(f"{label}: {d.key}" for label, d in wrong),
        says,
        family=families,
        of_a_result=True,
    )


def _by_scales(
    theirs: torch.Tensor, ours: torch.Tensor, columns: Columns, numbers: Numbers
) -> Reading | None:
    """What's wrong with a result that should be made of coarse and fine parts."""
    if theirs.shape[0] != 3 or not low_passes.is_large_enough(theirs):
        return None
    noises = {n: xs for n, xs in columns.items() if n.startswith("the noise estimate")}
    noisy = {n: xs for n, xs in columns.items() if n == NOISY}
    for sigma in low_passes.SIGMAS:
        blur = low_passes.gaussian(sigma)
        by = low_passes.splitting(blur, blur)
        parts = low_passes.split(noises, by)
        if not parts or made_of.residual(parts, ours) > made_of.FITS:
            continue
        if name := _other_split(theirs, ours, noises, parts, sigma):
            says = f"You use {name} where a Gaussian blur with σ = {sigma:g} belongs."
            return Reading(name, says)
        extras = low_passes.split(noisy, by)
        reading = made_of.read_off(theirs, ours, parts, extras, {}, numbers)
        # If hardly anything is as it should be, other things may be in it.
        return reading if reading and len(reading.key.split(", ")) <= MOST_WRONG else None
    return None


MOST_WRONG = 2
"""Coarse and fine parts with wrong weights, if that's to be said."""


def _other_split(
    theirs: torch.Tensor, ours: torch.Tensor, noises: Columns, parts: Columns, sigma: float
) -> str | None:
    """What a result is the right one with, if it isn't the right blur; None if there's nothing.

    `parts` are the noises', taken apart by the right blur.
    """
    weights = made_of.weights_of(parts, ours)

    def off(by: low_passes.Split) -> float:
        columns = low_passes.split(noises, by)
        made = torch.stack([w * columns[n][0] for n, w in weights.items()]).sum(0)
        return difference(theirs, made)

    (least, name), *rest = sorted((off(by), name) for name, by in low_passes.splits(sigma))
    clear = all(far > 2 * least for far, other in rest if other != name)
    return name if least < made_of.FITS / 2 and clear else None


def _read(
    theirs: torch.Tensor, ours: torch.Tensor, hands: Hands, numbers: Numbers
) -> Reading | None:
    return made_of.read_off(
        theirs, ours, hands.columns, hands.extras, hands.others, numbers, hands.strays
    )


def _simpler(one: Reading | None, other: Reading | None) -> Reading | None:
    """Of two readings, the one that isn't about weights: it says more."""
    return other if one is None or (other is not None and not other.family and one.family) else one


def _hands(
    case: Case,
    step: list[Moment],
    k: int,
    count: int,
    t: float | None,
    t_next: float | None,
    goal: torch.Tensor,
) -> Hands:
    """What the function has in its hands for the k-th image.

    Args:
        case: with the arguments.
        step: the moments of one step, of one stand-in or several.
        k: the image's place in the batch.
        count: images of the batch.
        t: the timestep that the step leaves.
        t_next: the one that it arrives at; None outside a loop.
        goal: a sketch of what they should make.
    """
    columns = _said(case, step, k, count)
    if not columns:
        return NOTHING
    first = _said(case, step, 0, count) if k else {}
    shape = columns[NOISY][0].shape
    extras: dict[str, Sequence[torch.Tensor]] = {}
    others: dict[str, Columns] = {}
    strays: dict[str, Columns] = {}
    whole: Columns = {}
    extras |= _given(case, shape, k, columns)
    extras |= _enlarged(case, columns[NOISY][0], k)
    if t is not None and t_next is not None:
        last = len(made_of.schedule_of(case)) - 1
        if not 0 <= t_next <= t <= last:
            return NOTHING
        it = made_of.Step(case, (count, *shape), k, int(t), int(t_next))
        variances = {n: xs[0] for n, xs in columns.items() if n.startswith("the variance")}
        columns = _with_clean_estimate(case, columns, extras, t)
        found = [
            (_masked(case, k, {**columns, STEP_NOISE: [it.sigma(v) * it.noise]}, {})[0], name)
            for name, v in variances.items()
        ]
        if found:
            _, name = min(found, key=lambda pair: made_of.residual(pair[0], goal))
            sigma = it.sigma(variances[name])
            columns[STEP_NOISE] = [sigma * it.noise]
            extras |= {n: [x] for n, x in it.others(sigma, variances[name]).items()}
            extras |= {
                f"noise of the wrong strength, from {n},": [it.sigma(v) * it.noise]
                for n, v in variances.items()
                if n != name
            }
            if len(variances) > 1:
                mean = torch.stack(list(variances.values())).mean(0)
                what = "noise of the wrong strength, from the mean of the variances,"
                extras[what] = [it.sigma(mean) * it.noise]
        whole = _whole(case, k, columns)
        columns, extras, strays = _masked(case, k, columns, extras)
    if first:
        said = {n: first.get(n, xs) for n, xs in columns.items() if n != NOISY}
        others["the first image's estimates for the whole batch"] = {**columns, **said}
        extras |= {f"{n}, the first image's,": xs for n, xs in first.items() if n != NOISY}
    extras |= _products(columns)
    extras["a constant"] = [torch.ones(shape)]
    extras = {n: xs for n, xs in extras.items() if xs[0].shape == shape}
    return Hands(columns, extras, others, strays, whole)


def _products(columns: Columns) -> dict[str, Sequence[torch.Tensor]]:
    """Each estimate of the noise, times its variance."""
    found: dict[str, Sequence[torch.Tensor]] = {}
    for name, xs in columns.items():
        variance = columns.get(name.replace("the noise estimate", "the variance", 1))
        if variance and name.startswith("the noise estimate"):
            found[f"{name} times the variance"] = [xs[0] * variance[0]]
    return found


def _enlarged(case: Case, row: torch.Tensor, k: int) -> dict[str, Sequence[torch.Tensor]]:
    """The k-th image of each smaller argument, enlarged."""
    known = {
        f"`{name}`": list(value)
        for name, value in case.arguments.items()
        if isinstance(value, torch.Tensor) and value.ndim == 4 and value.is_floating_point()
    }
    return {name: xs for found in resized(row, k, known) for name, xs in found.items()}


def _given(
    case: Case, shape: torch.Size, k: int, columns: Columns
) -> dict[str, Sequence[torch.Tensor]]:
    """The k-th image of each argument that isn't among the columns."""
    given: dict[str, Sequence[torch.Tensor]] = {}
    for name, value in case.arguments.items():
        if isinstance(value, torch.Tensor) and value.ndim == 4 and value.shape[1:] == shape:
            row = value[min(k, len(value) - 1)]
            if not any(torch.equal(row, x[0]) for x in columns.values()):
                given[f"`{name}`"] = [row]
    return given


def _mask(case: Case, k: int) -> torch.Tensor | None:
    """The k-th image's mask, `[1, H, W]`; None where a case has none."""
    mask = case.arguments.get("mask")
    if not isinstance(mask, torch.Tensor) or mask.ndim != 4:
        return None
    return mask[min(k, len(mask) - 1)]


def _whole(case: Case, k: int, columns: Columns) -> Columns:
    """The columns by the names they have when they're masked, as they are before."""
    if _mask(case, k) is None:
        return {}
    given = _given(case, columns[NOISY][0].shape, k, {})
    return {f"{n} {masks.INSIDE}": xs for n, xs in columns.items()} | {
        f"{n} {masks.OUTSIDE}": xs for n, xs in given.items()
    }


def _masked(
    case: Case,
    k: int,
    columns: dict[str, Sequence[torch.Tensor]],
    extras: dict[str, Sequence[torch.Tensor]],
) -> tuple[
    dict[str, Sequence[torch.Tensor]], dict[str, Sequence[torch.Tensor]], dict[str, Columns]
]:
    """With a mask, what the loop makes belongs where it's 1, and what's given where it's 0."""
    mask = _mask(case, k)
    if mask is None:
        return columns, extras, {}
    given = _given(case, columns[NOISY][0].shape, k, {})
    new = mask.expand_as(columns[NOISY][0])

    def parts(those: Columns, part: torch.Tensor, where: str) -> dict[str, Sequence[torch.Tensor]]:
        return {f"{name} {where}": [part * x for x in xs] for name, xs in those.items()}

    inside, outside = masks.INSIDE, masks.OUTSIDE
    made, known = parts(columns, new, inside), parts(given, 1 - new, outside)
    stray = parts(columns, 1 - new, outside) | parts(extras, new, inside)
    strays: dict[str, Columns] = {
        f"what the loop makes, {outside},": {
            f"{n} {inside}": [(1 - new) * x for x in xs] for n, xs in columns.items()
        },
        f"the noised {' and '.join(given)}, {inside},": {
            f"{n} {outside}": [new * x for x in xs] for n, xs in given.items()
        },
    }
    return made | known, stray | parts(extras, 1 - new, outside), strays


def _said(case: Case, step: list[Moment], k: int, count: int) -> dict[str, Sequence[torch.Tensor]]:
    """The k-th image, and what each stand-in said about it."""
    columns: dict[str, Sequence[torch.Tensor]] = {}
    groups = [made_of.images(moment) for moment in step]
    groups = [those for those in groups if len(those) == count]
    groups = [g for g in groups if not _is_only_on_the_way(g[k][0], groups, k)]
    for those in groups:
        group = those[k]
        row = group[0].rows[str(made_of.main_tensor(group[0]))]
        if not columns:
            columns[NOISY] = [row]
        elif not any(torch.equal(row, x[0]) for x in columns.values()):
            columns[f"the image for `{group[0].who}`"] = [row]
        for query in group:
            label = f" of `{query.who}`" if len(groups) > 1 else ""
            if len(group) > 1:
                label += f" for {_prompt(case, query)}"
            columns |= made_of.outputs(query, label)
    if not columns:
        return {}
    shape = columns[NOISY][0].shape
    return {n: xs for n, xs in columns.items() if xs[0].shape == shape and _says(xs[0])}


def _is_only_on_the_way(query: Query, groups: list[list[list[Query]]], k: int) -> bool:
    """Whether what it answers is what another stand-in is asked about, as with `after_step`."""
    return len(query.answers) == 1 and any(
        torch.equal(query.answers[0], row)
        for those in groups
        for row in those[k][0].rows.values()
        if row.shape == query.answers[0].shape
    )


def _with_clean_estimate(
    case: Case,
    columns: dict[str, Sequence[torch.Tensor]],
    extras: dict[str, Sequence[torch.Tensor]],
    t: float,
) -> dict[str, Sequence[torch.Tensor]]:
    """The columns with x̂_0 for the noise estimate, as a step's formula has it."""
    noises = [n for n in columns if n.startswith("the noise estimate")]
    schedule = made_of.schedule_of(case)
    if len(noises) != 1 or not 0 <= int(t) < len(schedule):
        return columns
    (name,) = noises
    clean = made_of.clean_estimate(columns[NOISY][0], columns[name][0], schedule, t)
    extras[name] = columns[name]
    return {
        "the clean estimate" if n == name else n: [clean] if n == name else xs
        for n, xs in columns.items()
    }


def _says(x: torch.Tensor) -> bool:
    return float(x.abs().max()) > 1e-9


def _prompt(case: Case, query: Query) -> str:
    """The prompt's argument that a query was about."""
    for name, row in query.rows.items():
        if row.ndim < 3:
            for argument, value in case.arguments.items():
                if isinstance(value, torch.Tensor) and any(
                    x.shape == row.shape and torch.equal(x, row) for x in value
                ):
                    return f"`{argument}`"
            return f"its `{name}`"
    return "it"


def _time(query: Query) -> float | None:
    for name in ("t", "timestep"):
        if name in query.numbers:
            return query.numbers[name]
    return None
