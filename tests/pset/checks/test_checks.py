"""Every check accepts right answers however they are written, and names every known mistake.

The references come from the solutions, as for students; what is asserted is about other code: right
answers written independently of them, and wrong ones.
"""

from functools import cache

import pytest

import pset
from autograder.course.references import compute
from autograder.course.solution import read_solutions
from pset.checks import ALL_CHECKS
from pset.checks.calling import call
from pset.checks.judging import Judge, Verdict
from pset.checks.references import References
from solutions.mistakes import mistakes_of
from solutions.variants import variants_of

SEEDS = (pset.SEED, 20_260_101)
ROOM = 5
"""The tolerance is at least this many times the largest difference between right answers, and the
smallest difference of a mistake at least this many times the tolerance."""

PATIENCE = 10
"""Times the limit of a call: a busy machine is slow, and time limits have tests of their own."""

NO_PICTURE = ("2.11", "2.19", "2.22c", "2.24b")
"""Their answers are True or False, or a list of numbers."""

EVERY_MISTAKE = [(e, m.key) for e, check in ALL_CHECKS.items() for m in check.mistakes]


@cache
def references(exercise: str, seed: int) -> References | None:
    (solution,) = (s for s in read_solutions().values() if exercise in s.exercises)
    return compute(ALL_CHECKS[exercise], solution, seed)[0]


@cache
def verdict(exercise: str, seed: int, function) -> Verdict:
    check = ALL_CHECKS[exercise]
    cases = check.cases(seed)
    outcomes = [call(function, case, PATIENCE * check.seconds) for case in cases]
    return Judge(check, cases, references(exercise, seed), max_points=10).verdict(outcomes)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_right_answers_are_accepted(exercise, seed):
    variants = variants_of(exercise)
    assert len(variants) >= 4
    for variant in variants:
        found = verdict(exercise, seed, variant)
        assert found.status == "right", f"{variant.__name__}: {found.message}"
        assert found.points == 10


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "key"), EVERY_MISTAKE)
def test_known_mistakes_are_refused_and_named(exercise, key, seed):
    found = verdict(exercise, seed, mistakes_of(exercise)[key])
    assert (found.status, found.points) == ("wrong", 0)
    assert found.mistake == key, found.message
    assert ALL_CHECKS[exercise].mistake(key).says in found.message
    if exercise not in NO_PICTURE:
        assert {"yours"} <= set(found.pictures)


def test_every_mistake_has_its_variant_and_every_variant_its_sentence():
    for exercise, check in ALL_CHECKS.items():
        assert set(mistakes_of(exercise)) == {m.key for m in check.mistakes}
        assert len({m.says for m in check.mistakes}) == len(check.mistakes)


@pytest.mark.parametrize("exercise", [e for e, c in ALL_CHECKS.items() if c.properties is None])
def test_the_tolerance_has_room_on_both_sides(exercise, record_property, capsys):
    tolerance = ALL_CHECKS[exercise].tolerance
    right, wrong = {}, {}
    for seed in SEEDS:
        for variant in variants_of(exercise):
            right[variant.__name__, seed] = verdict(exercise, seed, variant).difference
        for key, variant in mistakes_of(exercise).items():
            wrong[key, seed] = verdict(exercise, seed, variant).difference
    largest, smallest = max(right, key=right.get), min(wrong, key=wrong.get)
    with capsys.disabled():
        print(
            f"\n{exercise:>6}: right up to {right[largest]:.1e} ({largest[0]}), tolerance "
            f"{tolerance:.0e}, mistakes from {wrong[smallest]:.1e} ({smallest[0]})"
        )
    assert right[largest] * ROOM <= tolerance <= wrong[smallest] / ROOM


@pytest.mark.parametrize("exercise", ALL_CHECKS)
def test_cases_come_from_the_seed_alone(exercise):
    def plain(seed):
        return [
            {k: v.tolist() if hasattr(v, "tolist") else v for k, v in case.arguments.items()}
            for case in ALL_CHECKS[exercise].cases(seed)
        ]

    assert plain(1) == plain(1)
    assert plain(1) != plain(2)


def test_public_references_on_disk_are_those_of_the_solutions():
    from pset.assets import assets_dir
    from pset.checks.difference import difference
    from pset.checks.references import load_references

    for exercise, check in ALL_CHECKS.items():
        if check.properties is None:
            stored = load_references(assets_dir() / "references", exercise)
            fresh = references(exercise, pset.SEED)
            assert stored.mistakes.keys() == fresh.mistakes.keys()
            for a, b in zip(stored.expected, fresh.expected, strict=True):
                assert difference(a, b) < check.tolerance / ROOM
