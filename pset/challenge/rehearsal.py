"""Try the challenge out in a notebook: less time to train, and nothing that counts."""

import time
from collections.abc import Callable
from typing import Any

import torch

from pset.challenge import measuring
from pset.challenge.features import SIZE
from pset.challenge.settings import EXERCISE, SAMPLE, TITLE, TRAIN, Settings, installed_settings
from pset.checks.calling import Outcome, outcome_of, time_limit
from pset.checks.judging import Verdict
from pset.course import points_for
from pset.seeded_noise import SEED
from pset.small_pictures import small_pictures

REHEARSED = "The challenge, rehearsed"

NO_NETWORK = f"`{TRAIN}` should return a network, called as net(x, t, label)."

Function = Callable[..., Any]


def rehearse(
    train: Function | None, sample: Function | None, settings: Settings | None = None
) -> str | Verdict:
    """Train for a while, sample, and measure.

    Args:
        train, sample: the student's functions; None if there are none.
        settings: of the challenge; by default the installed course's.

    Returns:
        What came of it, in words; or a verdict that says why nothing did.
    """
    settings = settings or installed_settings()
    for function, name in ((train, TRAIN), (sample, SAMPLE)):
        if function is None:
            return unanswered(Outcome("missing"), name)
    assert train is not None
    assert sample is not None
    images, labels, _ = small_pictures("train", SIZE)
    seconds = settings.rehearsal_seconds
    trained = _called(train, (images, labels, seconds), 2 * seconds)
    if trained.status != "returned":
        return unanswered(trained, TRAIN)
    if not callable(trained.value):
        return unanswered(Outcome("unusable", error=NO_NETWORK), TRAIN)
    noise, wanted = measuring.draw(SEED, settings.pictures)
    net = _Counted(trained.value)
    began = time.monotonic()
    with torch.no_grad():
        sampled = _called(sample, (net, noise, wanted.clone()), settings.sample_seconds)
    calls = measuring.calls_for_a_sample(net.asked, time.monotonic() - began, settings)
    if sampled.status != "returned":
        return unanswered(sampled, SAMPLE)
    if not isinstance(sampled.value, torch.Tensor):
        problem = f"`{SAMPLE}` returns a {type(sampled.value).__name__}, not a tensor."
    else:
        problem = measuring.complaint(sampled.value, noise)
    if problem:
        return unanswered(Outcome("unusable", error=problem))
    measured = measuring.measure(sampled.value, wanted)
    share = settings.share(measured.distance, calls, measured.copies)
    return (
        f"{REHEARSED}, with {seconds:.0f} seconds to train.\n"
        f"  {measuring.in_words(measured, calls, settings)}\n"
        f"  That would earn {share * points_for(EXERCISE):.1f} of {points_for(EXERCISE):g} points."
    )


def unanswered(outcome: Outcome, name: str = TRAIN) -> Verdict:
    """The verdict where there are no samples to measure."""
    message = measuring.why_not(outcome.status, name, outcome.error)
    status = measuring.status_of(outcome.status)
    return Verdict(EXERCISE, TITLE, name, status, 0.0, points_for(EXERCISE), message)


class _Counted:
    """A network, and how many images it has been asked about."""

    def __init__(self, net: Function) -> None:
        if isinstance(net, torch.nn.Module):
            net.eval()
        self._net, self.asked = net, 0

    def __call__(self, x: torch.Tensor, t: torch.Tensor, label: torch.Tensor) -> Any:
        self.asked += len(x)
        return self._net(x, t, label)


def _called(function: Function, arguments: tuple[Any, ...], seconds: float) -> Outcome:
    def run() -> Outcome:
        with time_limit(seconds):
            return Outcome("returned", function(*arguments))

    return outcome_of(run, seconds)
