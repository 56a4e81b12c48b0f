"""The stand-in that shows at the end what it saw on the way."""

import pytest
import torch

import pset
from pset.checks.inputs import SCHEDULES
from pset.checks.witness import new_half, witness

MOMENTS = [1, 10, 25, 32]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("side", ["left", "right"])
def test_the_finished_batch_shows_what_the_loop_saw(schedule, side):
    """A walk straight down with the known half pasted, watched from outside as well."""
    other = "right" if side == "left" else "left"
    a = SCHEDULES[schedule]()
    shape = (2 * len(MOMENTS) + 2, 3, 8, 12)
    original, noise = pset.noise(shape, 1), pset.noise(shape, 2)
    seen = []
    inner = witness(schedule, 0.2, 0.5, MOMENTS, side)

    def watched(x_t, t):
        seen.append(x_t.clone())
        return inner(x_t, t)

    def paste(x, t):
        x = x.clone()
        new_half(x, other).copy_(
            new_half(a[t].sqrt() * original + (1 - a[t]).sqrt() * noise, other)
        )
        return x

    result = pset.iterative_denoise(noise, 0, watched, a, after_step=paste)
    for m, moment in enumerate(MOMENTS):
        known, new = result[1 + m], result[1 + len(MOMENTS) + m]
        then = seen[moment]
        torch.testing.assert_close(
            new_half(known.flip(-1), other), new_half(then[1 + m], other), rtol=1e-4, atol=1e-4
        )
        torch.testing.assert_close(
            new_half(new, side),
            new_half(then[1 + len(MOMENTS) + m], side),
            rtol=1e-4,
            atol=1e-4,
        )
    called = new_half(result[-1], side).mean(0).flatten() * 1000
    expected = torch.tensor(pset.STRIDED_TIMESTEPS[:-1], dtype=torch.float32)
    torch.testing.assert_close(called[: len(expected)], expected, rtol=0, atol=0.1)
    assert float(called[len(expected) :].abs().max()) < 0.1


def test_a_part_of_the_batch_is_refused():
    estimate = witness("cosine", 0.0, 0.5, [3], "left")
    with pytest.raises(ValueError, match="whole batch of 4"):
        estimate(torch.zeros(1, 3, 4, 4), 990)
