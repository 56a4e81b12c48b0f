"""Find the formula of a weight: a product of powers of a few numbers, such as √ᾱ_t or 1 − ᾱ_t.

A weight that least squares has read off is known to five digits, in several cases. Of the formulas
that are short enough for it, hardly ever more than one fits. The right weight's is found in the
same way, so that the two can be compared: a root is missing, a factor, or one number stands in
another's place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, product

import numpy as np
import torch

from pset.checks.definition import Case
from pset.checks.diagnosis.wording import listed, upper
from pset.closed_form import cosine_alphas_cumprod
from pset.sampling import STRIDED_TIMESTEPS

Atoms = Mapping[str, float]
"""A number that formulas are made of, by its name, in one case."""

Powers = dict[str, float]
"""A formula: name of an atom → its exponent."""

STRIDE = STRIDED_TIMESTEPS[0] - STRIDED_TIMESTEPS[1]
EXPONENTS = (0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 0.25, -0.25)
ORDINARY = 4  # of the exponents, in formulas of several atoms
MOST_ATOMS = 3
PRECISE = 3e-5  # relative; weights aren't known better
NEGLIGIBLE = 1e-3  # a weight that isn't one
VAGUE = 1e-3  # relative; a weight that's known no better isn't named
SPREAD = 6.0  # the natural logarithms of weights lie in a range of this size
CHANCE = 7.0  # how unlikely an accident has to be, as a natural logarithm

TWO = "2"
OTHER_SCHEDULE = "of the notebook's schedule"


@dataclass(frozen=True)
class Clock:
    """A timestep that weights depend on.

    Args:
        name: as formulas have it: "t", "t′".
        at: the timestep.
        schedule: ᾱ, `[1000]`.
        mistaken_for: another schedule that may be taken for it, by what it's called.
    """

    name: str
    at: int
    schedule: torch.Tensor
    mistaken_for: Mapping[str, torch.Tensor] = field(default_factory=dict)

    def atoms(self, t: np.ndarray | int | None = None) -> dict[str, np.ndarray]:
        """The atoms of this timestep, or of others in its place."""
        at = np.asarray(self.at if t is None else t)
        schedule = self.schedule.double().numpy()
        a = schedule[at]
        before = np.where(at > 0, schedule[np.maximum(at - 1, 0)], 1.0)
        s = self.name
        return {
            f"ᾱ_{s}": a,
            f"1 − ᾱ_{s}": 1 - a,
            f"1 − √ᾱ_{s}": 1 - np.sqrt(a),
            f"1 + ᾱ_{s}": 1 + a,
            f"1 + √ᾱ_{s}": 1 + np.sqrt(a),
            f"1 − ᾱ_{s}²": 1 - a * a,
            f"1 − √(1 − ᾱ_{s})": 1 - np.sqrt(1 - a),
            f"α_{s} of a single step": a / before,
            f"β_{s} of a single step": 1 - a / before,
            f"ᾱ_({s} − 1)": before,
            f"1 − ᾱ_({s} − 1)": 1 - before,
            f"ᾱ_({s} + 1)": schedule[np.minimum(at + 1, len(schedule) - 1)],
            f"1 − ᾱ_({s} + 1)": 1 - schedule[np.minimum(at + 1, len(schedule) - 1)],
            f"`{s}`": at / 1.0,
            f"{s}/1000": at / 1000,
            f"1 − {s}/1000": 1 - at / 1000,
        }


@dataclass(frozen=True)
class Weighing:
    """The weights of a weighted sum in one case.

    Args:
        right: name of what's added up → its weight.
        found: the same in the student's sum.
        errors: name → how far the two may be off.
        wrong: the names whose weights differ.
        clocks: the timesteps that weights may depend on.
        others: further numbers, by name.
    """

    right: Mapping[str, float]
    found: Mapping[str, float]
    errors: Mapping[str, float]
    wrong: Sequence[str]
    clocks: Sequence[Clock] = ()
    others: Atoms = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """Of the timesteps and further numbers."""
        return {clock.name for clock in self.clocks} | set(self.others)

    def atoms(self) -> dict[str, float]:
        """All numbers of this case."""
        found: dict[str, float] = {TWO: 2.0, **self.others}
        for clock in self.clocks:
            found |= {name: float(value) for name, value in clock.atoms().items()}
            for whose, schedule in clock.mistaken_for.items():
                a = float(schedule[clock.at])
                found |= {
                    f"ᾱ_{clock.name} {whose}": a,
                    f"1 − ᾱ_{clock.name} {whose}": 1 - a,
                }
        if len(self.clocks) > 1:
            low, high = sorted(self.clocks, key=lambda c: c.at)[:2]
            kept = float(high.schedule[high.at]) / float(low.schedule[low.at])
            found |= {
                f"ᾱ_{high.name}/ᾱ_{low.name}": kept,
                f"1 − ᾱ_{high.name}/ᾱ_{low.name}": 1 - kept,
            }
        return {name: abs(value) for name, value in found.items() if abs(value) > 1e-7}


def clocks_of(case: Case, schedule: torch.Tensor) -> list[Clock]:
    """The timesteps among a case's arguments."""
    found = [
        clock(name, value, schedule)
        for name, value in case.arguments.items()
        if name in ("t", "t_next")
        if isinstance(value, int) and 0 <= value < len(schedule)
    ]
    start = case.arguments.get("i_start")
    if isinstance(start, int) and not found:
        steps = list(case.arguments.get("timesteps") or STRIDED_TIMESTEPS)
        if 0 <= start < len(steps):
            found.append(clock("t", steps[start], schedule))
    level = case.arguments.get("noise_level")
    if isinstance(level, int):
        # The second stage has a scheduler for it, whose schedule is the course's.
        course, loop = cosine_alphas_cumprod(), {"of the loop's schedule": schedule}
        other = {} if torch.equal(schedule, course) else loop
        found.append(Clock("noise_level", level, course, other))
    return found


def clock(name: str, at: int, schedule: torch.Tensor) -> Clock:
    """A timestep with the schedule of its case."""
    course = cosine_alphas_cumprod()
    is_another = not torch.equal(schedule, course)
    return Clock(name, at, schedule, {OTHER_SCHEDULE: course} if is_another else {})


def numbers_of(case: Case) -> dict[str, float]:
    """The numbers among a case's arguments, and what formulas make of them."""
    found: dict[str, float] = {}
    for name, value in case.arguments.items():
        if isinstance(value, bool):
            continue
        if isinstance(value, float) or (name == "scale" and isinstance(value, int)):
            x = float(value)
            found |= {f"`{name}`": x, f"1 − `{name}`": 1 - x, f"1 + `{name}`": 1 + x}
        if isinstance(value, list | tuple) and 2 <= len(value) <= 8:
            found[f"the number of `{name}`"] = float(len(value))
    return found


# --- searching -----------------------------------------------------------------------------------


UNUSUAL = ("`t", " 1)", "single step", "/1000", "√", "1 + ", "²", "schedule")
"""What the names of atoms have that aren't in formulas of three."""


@lru_cache(maxsize=64)
def _exponents(count: int, ordinary: int) -> tuple[np.ndarray, np.ndarray]:
    """All formulas of so many atoms `[F, count]`, of which the first are ordinary, and their
    complexity `[F]`."""
    rows: list[np.ndarray] = [np.zeros((1, count))]
    for size in range(1, MOST_ATOMS + 1):
        exponents = EXPONENTS if size == 1 else EXPONENTS[:ORDINARY]
        powers = np.array(list(product(exponents, repeat=size)))
        for places in combinations(range(count if size < MOST_ATOMS else ordinary), size):
            block = np.zeros((len(powers), count))
            block[:, places] = powers
            rows.append(block)
    every = np.concatenate(rows)
    unusual = (np.abs(every) > 1).sum(1) + 2 * (np.abs(every) == 0.25).sum(1)
    complexity = (every != 0).sum(1) + 0.01 * np.abs(every).sum(1) + 0.4 * unusual
    return every, complexity


def formula(
    values: Sequence[float],
    errors: Sequence[float],
    atoms: Sequence[Atoms],
    undoes: Powers | None = None,
) -> Powers | None:
    """The simplest formula that gives these values, apart from their signs; None without one.

    Args:
        values: in each case.
        errors: relative, of each value.
        atoms: in each case.
        undoes: of several ways of writing it, the one that cancels most of this is taken.
    """
    usable = [
        (abs(v), max(PRECISE, e), those)
        for v, e, those in zip(values, errors, atoms, strict=True)
        if abs(v) > 1e-9 and e < VAGUE
    ]
    if not usable or len(usable) < len(values) / 2:
        return None
    shared = [n for n in atoms[0] if all(n in those for those in atoms)]
    names = sorted(shared, key=lambda name: any(part in name for part in UNUSUAL))
    ordinary = sum(not any(part in name for part in UNUSUAL) for name in names)
    target = np.log([v for v, _, _ in usable])
    tolerance = np.array([e for _, e, _ in usable])
    logs = np.log([[those[n] for n in names] for _, _, those in usable])  # [cases, atoms]
    every, complexity = _exponents(len(names), ordinary)
    fits = (np.abs(every @ logs.T - target) <= tolerance).all(1).nonzero()[0]
    if not len(fits):
        return None
    best = fits[complexity[fits].argmin()]
    size = int((every[best] != 0).sum())
    # As unlikely as it has to be that one of all formulas of this length fits by accident. Cases
    # with the same numbers are one.
    _, distinct = np.unique(np.round(logs, 6), axis=0, return_index=True)
    evidence = float(np.log(SPREAD / tolerance[distinct]).sum())
    of_size = float(np.log(((every != 0).sum(1) == size).sum()))
    is_odd = bool(np.isin(np.abs(every[best]), (0.25, 2.0)).any())
    if size and evidence < of_size + CHANCE * (1.5 if is_odd and len(distinct) < 2 else 1.0):
        return None
    # A multiple of the timestep is a round number, as others are.
    if len(distinct) < 2 and any(
        e and ("/1000" in n or n[0] == "`") for n, e in zip(names, every[best])
    ):
        return None
    rivals = fits[complexity[fits] < complexity[best] + 0.3]
    if len(rivals) > 1 and not _same(every[rivals], logs):
        return None
    if undoes:
        taken = np.array([undoes.get(n, 0.0) for n in names])
        best = rivals[((every[rivals] == -taken) & (taken != 0)).sum(1).argmax()]
    return {names[k]: float(e) for k, e in enumerate(every[best]) if e}


def _same(formulas: np.ndarray, logs: np.ndarray) -> bool:
    """Whether formulas are one and the same, written differently: equal to the last digits."""
    values = formulas @ logs.T
    return bool(np.abs(values - values[0]).max() < 1e-9)


EVERYTHING = "everything in it"

# --- saying --------------------------------------------------------------------------------------


def written(powers: Powers) -> str:
    """A formula, as it's printed: "√ᾱ_t·(1 − ᾱ_t)"."""
    above = [_power(n, e, len(powers) > 1) for n, e in powers.items() if e > 0]
    below = [_power(n, -e, True) for n, e in powers.items() if e < 0]
    top = "·".join(above) or "1"
    if not below:
        return top
    return f"{top}/{below[0]}" if len(below) == 1 else f"{top}/({'·'.join(below)})"


def _power(name: str, exponent: float, among_others: bool) -> str:
    compound = " " in name or "/" in name
    inner = f"({name})" if compound else name
    forms = {0.25: f"√√{inner}", 0.5: f"√{inner}", 2.0: f"{inner}²", 1.5: f"√{inner}³"}
    return forms.get(exponent, inner if among_others else name)


def explained(weighings: Sequence[Weighing]) -> tuple[str, str] | None:
    """What the weights that are wrong are, in formulas: a key and sentences; None if unknown."""
    wrong = list(dict.fromkeys(name for w in weighings for name in w.wrong))
    if not wrong:
        return None
    if other := _another_timestep(weighings, wrong):
        return other
    atoms = [w.atoms() for w in weighings]
    right = {n: _formula_of(n, weighings, atoms, "right") for n in wrong}
    found = {
        n: _formula_of(n, weighings, atoms, "found") or _near(n, right[n], weighings, atoms)
        for n in wrong
    }
    shown = {n for w in weighings for n, v in w.right.items() if abs(v) > NEGLIGIBLE}
    what = EVERYTHING if shown <= {*wrong} else f"the weights of {listed(wrong)}"
    if together := _said_of_all(wrong, right, found, what):
        return together
    said = [
        _said_of(n, right[n], found[n])
        or (weighings[0].clocks and _at_another(weighings, [n], f"The weight of {n} belongs"))
        or None
        for n in wrong
    ]
    if not any(said):
        return None
    signs = [n for n in wrong if all(w.right[n] * w.found[n] < 0 for w in weighings)]
    parts = []
    for name, pair in zip(wrong, said):
        if pair is None:
            larger = sum(abs(w.found[name]) > abs(w.right[name]) for w in weighings)
            far = "large" if larger > len(weighings) / 2 else "small"
            parts.append((f"{name} wrong", f"The weight of {name} isn't right: it's too {far}."))
        else:
            parts.append(pair)
        if name in signs:
            parts.append(("sign", "And it has the wrong sign."))
    return ", ".join(key for key, _ in parts), " ".join(says for _, says in parts)


def factor_explained(
    factors: Sequence[float], errors: Sequence[float], atoms: Sequence[Atoms]
) -> str | None:
    """A factor's formula, printed; None if it's unknown."""
    found = formula(factors, errors, atoms)
    if not found or not (all(f > 0 for f in factors) or all(f < 0 for f in factors)):
        return None
    sign = "" if factors[0] > 0 else "−" if len(found) == 1 else "−1·"
    size = written(found)
    return f"{sign}({size})" if sign and " " in size and size[0] != "√" else f"{sign}{size}"


def _formula_of(
    name: str, weighings: Sequence[Weighing], atoms: Sequence[Atoms], which: str
) -> Powers | None:
    values = [w.right[name] if which == "right" else w.found[name] for w in weighings]
    errors = [
        w.errors.get(name, 0.0) / max(abs(v), 1e-12) for w, v in zip(weighings, values, strict=True)
    ]
    return formula(values, errors, atoms)


def _near(
    name: str, right: Powers | None, weighings: Sequence[Weighing], atoms: Sequence[Atoms]
) -> Powers | None:
    """The formula of a weight that differs from the right one in one place."""
    if right is None or any(abs(w.right[name]) < 1e-9 for w in weighings):
        return None
    ratios = [w.found[name] / w.right[name] for w in weighings]
    errors = [
        w.errors.get(name, 0.0) / max(min(abs(w.found[name]), abs(w.right[name])), 1e-12)
        for w in weighings
    ]
    change = formula(ratios, errors, atoms, right)
    if not change or len(change) > 2:
        return None
    found = {n: right.get(n, 0.0) + change.get(n, 0.0) for n in {**right, **change}}
    return {n: e for n, e in found.items() if e}


def _change(right: Powers, found: Powers) -> Powers:
    """The powers by which the two differ."""
    every = {n: found.get(n, 0.0) - right.get(n, 0.0) for n in {**right, **found}}
    return {n: e for n, e in every.items() if e}


def _said_of_all(
    wrong: Sequence[str],
    right: Mapping[str, Powers | None],
    found: Mapping[str, Powers | None],
    what: str,
) -> tuple[str, str] | None:
    """One change that explains all weights, of which there are several."""
    pairs = [(r, f) for r, f in ((right[n], found[n]) for n in wrong) if r is not None and f]
    if len(pairs) < len(wrong) or len(wrong) < 2:
        return None
    names = sorted({n for r, f in pairs for n in (*r, *f)}, key=len)
    for one, other in combinations(names, 2):
        swap = {one: other, other: one}
        if all({swap.get(n, n): e for n, e in r.items()} == f for r, f in pairs):
            return f"{one}, {other} swapped", f"You've swapped {one} and {other}."
    changes = [_change(r, f) for r, f in pairs]
    if all(change == changes[0] for change in changes[1:]):
        common = {
            n: pairs[0][0].get(n, 0.0)
            for n in changes[0]
            if len({r.get(n, 0.0) for r, _ in pairs}) == 1
        }
        if common:
            told = _told(what, common, changes[0])
            if told:
                return told
        key = f"all times {written(changes[0])}"
        verb = "is" if what == EVERYTHING else "are"
        return key, f"{upper(what)} {verb} {written(changes[0])} times what it should be."
    return None


def _said_of(name: str, right: Powers | None, found: Powers | None) -> tuple[str, str] | None:
    if found is None:
        return None
    if right is not None and (told := _told(f"the weight of {name}", right, _change(right, found))):
        return told
    if not found:
        if name.startswith("the noise"):
            return f"{name} 1", f"{upper(name)} enters at full strength, with weight 1."
        return f"{name} 1", f"{upper(name)} enters with weight 1."
    if len(found) > MOST_ATOMS:
        return None
    size = written(found)
    return f"{name} {size}", f"The weight of {name} is wrong: its size is {size}."


def _told(what: str, right: Powers, change: Powers) -> tuple[str, str] | None:
    """What a change of a formula means, where it's one thing."""
    if len(change) == 1:
        ((name, by),) = change.items()
        was = right.get(name, 0.0)
        now = was + by
        key = f"{what}: {name} {was:g} to {now:g}"
        size = written({name: abs(by)})
        if was and not now:
            missing = f"A factor is missing in {what}: {size}."
            if was < 0:
                missing = f"{upper(what)} isn't divided by {size}."
            return key, missing
        if was * now > 0:
            old, new = written({name: abs(was)}), written({name: abs(now)})
            verb = "have" if was > 0 else "divide by"
            return key, f"In {what}, you {verb} {new} where {old} belongs."
        if was and now == -was:
            if was > 0:
                return key, f"In {what}, you divide by {size} where you should multiply."
            return key, f"In {what}, you multiply by {size} where you should divide."
        if not was and name != TWO:
            if by > 0:
                return key, f"There's a factor too many in {what}: {size}."
            return key, f"{upper(what)} is divided by {size}, which doesn't belong there."
        if not was:
            times = {
                1.0: "twice",
                -1.0: "half",
                0.5: "√2 times",
                -0.5: "1/√2 times",
                2.0: "4 times",
            }
            if by in times:
                return key, f"{upper(what)} is {times[by]} what it should be."
        return None
    if len(change) == 2:
        for gone, come in (tuple(change), tuple(change)[::-1]):
            was = right.get(gone, 0.0)
            if was and was + change[gone] == 0 and was * change[come] > 0:
                old, new = written({gone: abs(was)}), written({come: abs(change[come])})
                if was < 0:
                    says = f"In {what}, you divide by {new} where {old} belongs."
                else:
                    says = f"In {what}, you have {new} where {old} belongs."
                return f"{what}: {new} for {old}", says
    return None


def _another_timestep(
    weighings: Sequence[Weighing], wrong: Sequence[str]
) -> tuple[str, str] | None:
    """Whether the weights are right for another timestep, the same way in every case."""
    if any(not w.clocks for w in weighings):
        return None
    every = [n for n in weighings[0].right if any(abs(w.right[n]) > NEGLIGIBLE for w in weighings)]
    return _at_another(weighings, [*dict.fromkeys([*wrong, *every])], "Your weights belong")


def _at_another(
    weighings: Sequence[Weighing], names: Sequence[str], these: str
) -> tuple[str, str] | None:
    """Whether some weights are right for another timestep."""
    for place, clock in enumerate(weighings[0].clocks):
        if any(len(w.clocks) <= place for w in weighings):
            continue
        times = [(w.clocks[place].at, _at_which(w, place, names, weighings)) for w in weighings]
        if any(there is None or there == here for here, there in times):
            continue
        pairs = [(here, there) for here, there in times if there is not None]
        if len(pairs) < 2 and len(names) < 2:
            continue
        s = clock.name
        off = {there - here for here, there in pairs}
        # At one timestep only, any weights may be those of some other.
        several = len({here for here, _ in pairs}) > 1
        if len(off) == 1 and (several or abs(min(off)) in (1, STRIDE)):
            by = off.pop()
            sign = "+" if by > 0 else "−"
            near = " That's a neighbour of it: off by one." if abs(by) == 1 else ""
            return f"at {s} {sign} {abs(by)}", (
                f"{these} to another timestep, {s} {sign} {abs(by)}, and not to {s}.{near}"
            )
        for last in (999, 1000):
            if several and all(here + there == last for here, there in pairs):
                return f"at {last} − {s}", (
                    f"{these} to timestep {last} − {s}: you read the schedule backwards, from its "
                    "other end."
                )
        if several and len({there for _, there in pairs}) == 1:
            at = pairs[0][1]
            return f"at {at}", f"{these} to timestep {at}, whatever {s} is."
    return None


def _at_which(
    weighing: Weighing, place: int, names: Sequence[str], weighings: Sequence[Weighing]
) -> int | None:
    """The timestep for which the weights of one case are right; None if there's none."""
    atoms = [w.atoms() for w in weighings]
    clock = weighing.clocks[place]
    times = np.arange(len(clock.schedule))
    moved = clock.atoms(times)
    fixed = weighing.atoms()
    off = np.zeros(len(times))
    depends = False
    for name in names:
        right = _formula_of(name, weighings, atoms, "right")
        if right is None or any("/" in n and n not in moved for n in right):
            return None
        if not any(n in moved for n in right):
            if name in weighing.wrong:
                return None
            continue
        depends = True
        value = np.ones(len(times))
        for n, e in right.items():
            base = np.maximum(moved.get(n, np.full(len(times), fixed[n])), 1e-12)
            value = value * base**e
        found = abs(weighing.found[name])
        allowed = max(PRECISE, weighing.errors.get(name, 0.0) / max(found, 1e-12))
        off = np.maximum(off, np.abs(value / max(found, 1e-12) - 1) / allowed)
    best = int(off.argmin())
    return best if depends and off[best] <= 2 else None
