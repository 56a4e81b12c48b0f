"""What's said where no mistake is known: what is right, and why a function stopped."""

import pytest
import torch

from pset.checks.definition import Case
from pset.checks.diagnosis.errors import cause
from pset.checks.diagnosis.facts import partly_right
from pset.seeded_noise import noise

CASES = [Case("one", {}), Case("two", {})]


def facts(change, parts=1, batch=2):
    expected = [noise((batch, 3 * parts, 16, 16), k) for k in range(2)]
    answers = [change(e.clone()) for e in expected]
    return partly_right(CASES, answers, expected, 1e-4, parts)


def spoilt(*where):
    def change(x):
        x[where] += 1
        return x

    return change


@pytest.mark.parametrize(
    ("change", "parts", "says"),
    [
        (spoilt(slice(None), slice(3, 6)), 2, "Your noise is right; your variance isn't."),
        (spoilt(slice(None), slice(0, 3)), 2, "Your variance is right; your noise isn't."),
        (spoilt(slice(None), slice(0, 3)), 3, "Your result 2 and result 3 are right"),
        (spoilt(slice(1, None)), 1, "the first image is right, and the others aren't"),
        (spoilt(slice(None), slice(1, None)), 1, "Only the red channel is right."),
        (spoilt(..., slice(0, 2), slice(None)), 1, "at the border"),
        (lambda x: x + 1, 1, ""),
    ],
)
def test_what_is_right_is_said(change, parts, says):
    assert says in facts(change, parts)
    assert bool(says) == bool(facts(change, parts))


def test_right_cases_are_named():
    expected = [noise((1, 3, 8, 8), k) for k in range(2)]
    assert "It's right for two." in partly_right(
        CASES, [expected[0] + 1, expected[1]], expected, 1e-4, 1
    )


def raised(function) -> str:
    try:
        function()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("no error")


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda: torch.ones(1, 6, 4, 4) + torch.ones(1, 3, 4, 4), "Six channels meet three"),
        (lambda: torch.ones(1, 3, 4, 4) + torch.ones(1, 3, 5, 4), "Two shapes don't fit"),
        (lambda: torch.cat([torch.ones(1, 3), torch.ones(1, 4)]), "Two shapes don't fit"),
        (lambda: None.shape, "no `return`"),
        (lambda: object().scheduler, "no scheduler"),
        (lambda: torch.ones(3)[5], "An index is too large"),
        (lambda: [1][5], "An index is too large"),
        (lambda: (lambda a, b: a)(1), "too few arguments"),
        (lambda: (lambda a: a)(b=1), "doesn't take"),
        (lambda: torch.ones(2, 2) @ torch.ones(2, 2).half(), "number formats"),
        (lambda: dict(zip(*[1])), "parentheses call a function"),
        (lambda: [1, 2][float(1)], "An index has to be an integer"),
        (lambda: __import__("math").sqrt(-1), "negative number"),
        (lambda: torch.ones(2).sum().backward(), "gradients are switched off"),
        (lambda: 1 / 0, "divide by zero"),
        (lambda: setattr(object(), "x", 1), ""),
    ],
)
def test_an_error_is_explained_by_its_cause(function, says):
    assert says in cause(raised(function))
    assert bool(says) == bool(cause(raised(function)))
