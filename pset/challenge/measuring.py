"""Measure the samples of a submission: what the grader and the rehearsal in a notebook share."""

from dataclasses import dataclass
from typing import Literal

import torch

from pset.challenge.copies import copied
from pset.challenge.distance import CLASSES, frechet_distance, joint
from pset.challenge.features import SIZE, load_features
from pset.challenge.settings import Settings
from pset.checks.calling import Status
from pset.small_pictures import small_pictures


@dataclass(frozen=True)
class Measured:
    """What samples are like.

    Args:
        distance: the Fréchet distance from the held-out pictures, labels included.
        right: share whose class the classifier of the features sees.
        copies: share that are copies of the data set's pictures.
    """

    distance: float
    right: float
    copies: float


def draw(seed: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Starting noise `[count, 3, 16, 16]`, and labels `[count]`: the classes in equal parts."""
    generator = torch.Generator().manual_seed(seed % 2**63)
    noise = torch.randn(count, 3, SIZE, SIZE, generator=generator)
    return noise, torch.randperm(count, generator=generator) % CLASSES


def measure(samples: torch.Tensor, labels: torch.Tensor) -> Measured:
    """Compare samples with the held-out pictures.

    Args:
        samples: `[N, 3, 16, 16]`; they're clamped to [-1, 1].
        labels: what they should show, `[N]`.
    """
    samples = samples.float().clamp(-1, 1)
    held_out, held_out_labels, _ = small_pictures("test", SIZE)
    with torch.no_grad():
        seen = load_features().logits(samples)[:, :CLASSES].argmax(dim=1)
    return Measured(
        frechet_distance(joint(samples, labels), joint(held_out, held_out_labels)),
        float((seen == labels).float().mean()),
        float(copied(samples).float().mean()),
    )


def complaint(samples: torch.Tensor, noise: torch.Tensor) -> str:
    """What's wrong with samples for this noise; empty if they can be measured."""
    if samples.shape != noise.shape:
        return f"`sample` returns {list(samples.shape)}; it should return {list(noise.shape)}."
    if not torch.isfinite(samples).all():
        return "`sample` returns NaN or infinity. Did the training diverge?"
    return ""


def calls_for_a_sample(asked: int, seconds: float, settings: Settings) -> float:
    """The network's calls for a sample: as counted, or as sampling's time says if that's more.

    Args:
        asked: velocities asked for, one for each image in each call.
        seconds: that sampling took in all.
        settings: of the challenge.
    """
    return max(asked / settings.pictures, seconds / settings.call_seconds)


def why_not(status: Status, name: str, error: str) -> str:
    """Why there are no samples to measure, for the student.

    Args:
        status: of the outcome of a call that didn't return.
        name: of the function that was called.
        error: of the outcome.
    """
    match status:
        case "missing":
            return f"There's no function `{name}`. Run its cell first. Or was it renamed?"
        case "not done":
            return f"You haven't implemented `{name}` yet."
        case "unusable":
            return error
        case "raised":
            return f"`{name}` stopped with an error.\n{error}"
        case _:
            return f"`{name}` was stopped. {error}"


def status_of(status: str) -> Literal["missing", "not done", "failed"]:
    """The verdict's status where there are no samples to measure; `status` as in `why_not`."""
    match status:
        case "missing" | "not done":
            return status
        case _:
            return "failed"


def in_words(measured: Measured, calls: float, settings: Settings) -> str:
    """A measurement for a person."""
    text = (
        f"Fréchet distance {measured.distance:.2f}, {calls:.0f} calls for a sample; "
        f"{measured.right:.0%} show their class, {measured.copies:.0%} look copied."
    )
    if measured.copies > settings.most_copies:
        text += (
            " These are pictures of the data set, more or less. Held-out ones look copied in one "
            "case in ten."
        )
    return text
