"""Find identical wrong answers: who returned the very same tensors on hidden inputs?

Right answers always agree, and so do answers with the same known mistake. If answers with an
unknown mistake agree to the last bit, they probably come from the same code.
"""

import hashlib
from collections.abc import Sequence

import torch

from pset.checks.calling import Outcome
from pset.checks.definition import Case
from pset.checks.judging import Verdict, to_tensor


def fingerprint(verdict: Verdict, cases: Sequence[Case], outcomes: Sequence[Outcome]) -> str:
    """A short hash of the answers; empty where agreement would mean nothing.

    That's the case if the answers are right, a known mistake, missing, one of the inputs, or
    constant.

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
