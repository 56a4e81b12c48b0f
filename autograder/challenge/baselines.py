"""What the reference solution and weaker entries get, so that a course can set its curves."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from autograder.challenge.contest import Challenge, compete
from autograder.challenge.entry import Entry
from autograder.course.solution import read_solutions
from autograder.errors import CommandError
from autograder.paths import ROOT
from autograder.sandbox.launcher import Launcher
from pset.challenge.distance import CLASSES, frechet_distance, joint
from pset.challenge.features import SIZE
from pset.small_pictures import small_pictures

WEAKER = ROOT / "solutions" / "challenge"
SPLITS = 20


@dataclass(frozen=True)
class Floor:
    """What the Fréchet distance is between pictures that have nothing wrong with them.

    Args:
        halves: between two halves of the held-out pictures: mean and standard deviation.
        training: between as many training pictures and the held-out ones, for each such part.
    """

    halves: tuple[float, float]
    training: tuple[float, ...]


def noise_floor() -> Floor:
    """Measure it, with halves drawn at random, each class in equal parts."""
    (train, train_labels, _), (held_out, labels, _) = (
        small_pictures(split, SIZE) for split in ("train", "test")
    )
    seen = joint(held_out, labels)
    generator = torch.Generator().manual_seed(0)
    halves = []
    for _ in range(SPLITS):
        order = torch.randperm(len(held_out) // CLASSES, generator=generator)
        one, other = (
            torch.cat([torch.nonzero(labels == c)[part, 0] for c in range(CLASSES)])
            for part in order.chunk(2)
        )
        halves.append(frechet_distance(seen[one], seen[other]))
    spread = torch.tensor(halves)
    parts = zip(train.split(len(held_out)), train_labels.split(len(held_out)), strict=True)
    return Floor(
        (float(spread.mean()), float(spread.std())),
        tuple(frechet_distance(joint(*part), seen) for part in parts),
    )


def baselines() -> dict[str, list[str]]:
    """Name → the cells of an entry: the reference solution, and the weaker ones.

    Raises:
        CommandError: no solution has the challenge.
    """
    solutions = [one for one in read_solutions().values() if one.has_challenge]
    if not solutions:
        raise CommandError("No assignment has the challenge, so there's no reference solution.")
    cells = [cell.text for cell in solutions[0].source.cells if cell.kind == "code"]
    found = {"reference": cells}
    for path in sorted(WEAKER.glob("[a-z]*.py")):
        found[path.stem.replace("_", " ")] = [*cells, path.read_text(encoding="utf-8")]
    return found


def entries(challenge: Challenge, launcher: Launcher) -> Iterator[tuple[str, Entry]]:
    """Run each of them as a submission, and yield its name with what came of it.

    Args:
        challenge: of the course.
        launcher: with its limits.
    """
    for name, cells in baselines().items():
        yield name, compete(challenge, launcher, cells, key="")
