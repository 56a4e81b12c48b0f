"""Tell wrong answers apart: who gave the very same tensors on inputs that nobody had seen?

Right answers agree always, and so do those that make the same known mistake. An answer that is
wrong in a way of its own, down to the last bit, points to the same code.
"""

import hashlib
from collections.abc import Sequence

import torch

from pset.checks.calling import Outcome
from pset.checks.definition import Case
from pset.checks.judging import Verdict, to_tensor


def fingerprint(verdict: Verdict, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> str:
    """A short hash of the answers; empty where agreeing would mean nothing.

    It means nothing for what is right, known, no answer at all, one of the inputs given back, or
    one number everywhere.

    Args:
        verdict: on the answers.
        cases: of the check.
        outcomes: of as many of them as were called.
    """
    if verdict.status != "wrong" or verdict.mistake is not None:
        return ""
    digest, is_telling = hashlib.sha256(), False
    for case, outcome in zip(cases, outcomes, strict=False):
        answer = to_tensor(outcome.value)
        assert isinstance(answer, torch.Tensor), "it has been judged"
        digest.update(f"{tuple(answer.shape)}".encode() + answer.numpy().tobytes())
        given = [v for v in case.arguments.values() if isinstance(v, torch.Tensor)]
        is_given = any(v.shape == answer.shape and torch.equal(v, answer) for v in given)
        is_telling |= not is_given and float(answer.std()) > 0
    return digest.hexdigest()[:16] if is_telling else ""
