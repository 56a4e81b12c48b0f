"""The verdict on an answer, with its diagnosis, as a student would read it in the notebook."""

from dataclasses import replace
from functools import cache

import torch

from pset.assets import assets_dir
from pset.checks import ALL_CHECKS
from pset.checks.calling import Outcome, call
from pset.checks.diagnosis import Ask, driven
from pset.checks.judging import Judge, Verdict, to_tensor
from pset.checks.notebook import DIAGNOSIS_SECONDS
from pset.checks.references import load_references
from pset.seeded_noise import SEED
from tests.pset.checks.naming.corpus import Answer

PATIENCE = 10
"""Times the limits of a call and of a diagnosis: a busy machine is slow, and time limits have tests
of their own."""


@cache
def judge(exercise: str) -> Judge:
    """The judge of an exercise, on its public cases."""
    check = ALL_CHECKS[exercise]
    references = None
    if check.properties is None:
        references = load_references(assets_dir() / "references", exercise)
    return Judge(check, check.cases(SEED), references, max_points=1)


def verdict(answer: Answer) -> Verdict:
    """The verdict on the public cases, with what's found out by asking the function again."""
    by = judge(answer.exercise)
    seconds = by.check.seconds * PATIENCE
    outcomes: list[Outcome] = []
    for case in by.cases:
        outcomes.append(call(answer.function, case, seconds, by.check.answers))
        if outcomes[-1].status != "returned":
            break
    plain = by.verdict(outcomes)
    diagnosis = by.diagnosis(plain, outcomes)
    if diagnosis is None:
        return plain

    def ask(what: Ask) -> Outcome:
        found = call(
            answer.function, what.case, seconds, by.check.answers, what.global_seed, what.watch
        )
        value = to_tensor(found.value) if found.status == "returned" else None
        return replace(found, value=value) if isinstance(value, torch.Tensor) else found

    found = driven(diagnosis, ask, DIAGNOSIS_SECONDS * PATIENCE)
    return by.explained(plain, found, outcomes)
