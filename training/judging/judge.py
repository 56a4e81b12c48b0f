"""An independent judge: a small classifier of everything that a caption says.

It learns from the pictures alone, never from samples; its accuracy on held-out pictures is the
ceiling of what samples can score. It looks at 64×64, where small things can still be told.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.data import resident
from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, STYLES, SUBJECTS, Scene
from training.judging import residual
from training.judging.augmentation import augmented
from training.method import loop
from training.method.stage1 import bfloat16_pays

WEIGHTS = Path(__file__).parent / "judge_weights" / "judge.safetensors"
SIZE = 64
PRESENCE = 6.0  # weight of a thing that's there, relative to one that isn't
SAID = 3.0  # weight of something worn and of a setting, relative to none


class Verdict(NamedTuple):
    """Logits. `subject` says which one thing it is, `present` of each thing whether it is
    there; `worn` and `setting` have "none" first; `right` of each thing, if it is one of
    two, whether it is the right one."""

    subject: Tensor  # [B, S]
    style: Tensor  # [B, K]
    present: Tensor  # [B, S]
    worn: Tensor  # [B, 1 + A]
    setting: Tensor  # [B, 1 + E]
    right: Tensor  # [B, S]


class Judge(nn.Module):
    """Pictures [B, 3, H, W] in [-1, 1] -> `Verdict`.

    Each of the 4×4 cells says of each thing how much it looks like it. A thing is present if any
    cell says so, and where it is, is the mean of the cells' places, weighted by what they say.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.body = residual.cells(width, (0, 1, 2, 1))
        features = 8 * width
        self.here = nn.Conv2d(features, len(SUBJECTS), 1)
        nn.init.constant_(self.here.bias, -5)  # at first nothing is there, as for most things
        self.drop = nn.Dropout(0.1)
        sizes = {
            "subject": len(SUBJECTS), "style": len(STYLES), "worn": 1 + len(ATTRIBUTES),
            "setting": 1 + len(SETTINGS),
        }  # fmt: skip
        self.heads = nn.ModuleDict(
            {name: nn.Linear(2 * features, size) for name, size in sizes.items()}
        )
        self.sidedness = nn.Parameter(torch.tensor(4.0))
        # of `present`: see `calibrate`
        self.register_buffer("threshold", torch.zeros(()))

    def forward(self, x: Tensor) -> Verdict:
        size = (SIZE, SIZE)
        if x.shape[-1] < SIZE:
            x = nn.functional.interpolate(x, size, mode="bilinear")
        else:
            x = nn.functional.adaptive_avg_pool2d(x, size)
        cells = self.body(x).float()
        here = self.here(cells)
        column = torch.linspace(-1, 1, here.shape[-1], device=x.device)
        where = (here.flatten(2).softmax(2).view_as(here) * column).sum((2, 3))
        seen = here.flatten(2).logsumexp(2)
        pooled = self.drop(torch.cat([cells.mean((2, 3)), cells.amax((2, 3))], 1))
        said = {name: head(pooled) for name, head in self.heads.items()}
        said["subject"] = said["subject"] + seen
        return Verdict(present=seen - self.threshold, right=self.sidedness * where, **said)


class Labels(NamedTuple):
    """What the pictures show. A picture without a named subject has a row of zeros in `there`;
    `side` is -1 (left), 1 (right), or 0 where no two things are side by side."""

    there: Tensor  # [N, S], 0 or 1
    style: Tensor  # [N]
    worn: Tensor  # [N], 0 is nothing
    setting: Tensor  # [N], 0 is none
    side: Tensor  # [N, S]

    def rows(self, which: Tensor) -> Labels:
        return Labels(*(x[which] for x in self))

    def mirrored(self, flip: Tensor) -> Labels:
        """Of pictures that are mirrored where `flip` [N] says so."""
        return self._replace(side=torch.where(flip[:, None], -self.side, self.side))


def beside(scene: Scene) -> bool:
    """Whether the first subject is on the left of the second."""
    return scene.relation >= 0 and RELATIONS[scene.relation][1] == "beside"


def labels(scenes: Sequence[Scene]) -> Labels:
    there, side = torch.zeros(2, len(scenes), len(SUBJECTS))
    for i, scene in enumerate(scenes):
        there[i, list(scene.subjects)] = 1
        if beside(scene):
            side[i, scene.subject], side[i, scene.other] = -1, 1
    style, worn, setting = torch.tensor(
        [[s.style, 1 + s.attribute, 1 + s.setting] for s in scenes]
    ).unbind(1)
    return Labels(there, style, worn, setting, side)


def weighted(logits: Tensor, index: Tensor) -> Tensor:
    """Cross-entropy in which none, the first and by far the most frequent, weighs less."""
    weights = torch.full(logits.shape[1:], SAID)
    weights[0] = 1
    return nn.functional.cross_entropy(logits, index, weights)


def loss(v: Verdict, known: Labels) -> Tensor:
    """The sum of the heads' cross-entropies; `subject` shares its probability among those there.

    `present` is summed over subjects, and one that is there weighs more than one that is not,
    since only one or two of all of them are; `right` is asked only of things side by side.
    """
    cross = nn.functional.cross_entropy
    binary = nn.functional.binary_cross_entropy_with_logits
    named = known.there.sum(1) > 0
    shares = known.there[named] / known.there[named].sum(1, keepdim=True)
    present = binary(
        v.present, known.there, reduction="none", pos_weight=torch.tensor(PRESENCE)
    ).sum(1)
    total = cross(v.subject[named], shares, label_smoothing=0.05) + 0.5 * present.mean()
    total = total + 0.5 * cross(v.style, known.style)
    total = total + weighted(v.worn, known.worn) + 0.5 * weighted(v.setting, known.setting)
    two = known.side != 0
    if two.any():
        total = total + 0.5 * binary(v.right[two], (known.side[two] > 0).float())
    return total


@dataclass
class JudgeState:
    step: int
    done: float  # of the training, 0 to 1
    loss: float


def scaled(pixels: np.ndarray) -> Tensor:
    """uint8 to [-1, 1]."""
    return resident.floats(torch.from_numpy(pixels))


def train(
    judge: Judge, pixels: np.ndarray, scenes: Sequence[Scene], epochs: float = 6, seed: int = 7,
    rate: float = 3e-3, minutes: float = math.inf,
) -> Iterator[JudgeState]:  # fmt: skip
    """Train on pictures uint8 [N, 3, 64, 64], yielding the state after every step.

    It ends after `epochs` or `minutes`, whichever is first, and the learning rate falls to
    almost nothing by then.
    """
    known = labels(scenes)
    g = torch.Generator().manual_seed(seed)
    batch = 128
    total = epochs * (len(pixels) // batch)
    warm_up = min(100, total / 10)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=rate, weight_decay=0.05, fused=True)
    judge.train()
    began, step, done = time.monotonic(), 0, 0.0
    while done < 1:
        for rows in torch.randperm(len(pixels), generator=g).split(batch):
            if len(rows) < batch or done >= 1:
                break
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / warm_up) * loop.decay(done, tail=0.7)
            x, flip = augmented(scaled(pixels[rows.numpy()]), g)
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16_pays("cpu")):
                verdict = judge(x.contiguous(memory_format=torch.channels_last))
            verdict = Verdict(*(head.float() for head in verdict))
            error = loss(verdict, known.rows(rows).mirrored(flip))
            optimiser.zero_grad()
            error.backward()
            optimiser.step()
            step += 1
            done = max(step / total, (time.monotonic() - began) / 60 / minutes)
            yield JudgeState(step, done, float(error.detach()))
    judge.eval()


@torch.inference_mode()
def calibrate(judge: Judge, pixels: np.ndarray, scenes: Sequence[Scene]) -> None:
    """Set the threshold of `present` on pictures of its own, neither trained nor tested on.

    So that of the things in pictures of two it misses as large a share as it sees in them of
    things that are not there.
    """
    two = np.array([s.relation >= 0 for s in scenes])
    there = labels([s for s, pair in zip(scenes, two, strict=True) if pair]).there > 0
    judge.threshold.zero_()
    present = verdicts(judge, pixels[two]).present
    tries = present[there].sort().values
    missed = torch.arange(len(tries)) / len(tries)
    absent = present[~there].sort().values
    seen = 1 - torch.searchsorted(absent, tries) / len(absent)
    judge.threshold.copy_(tries[(missed - seen).abs().argmin()])


@torch.inference_mode()
def verdicts(judge: Judge, pixels: np.ndarray, batch: int = 512) -> Verdict:
    """The judge's verdicts on pictures uint8 [N, 3, H, W]."""
    judge.eval()
    parts = [judge(scaled(pixels[i : i + batch])) for i in range(0, len(pixels), batch)]
    return Verdict(*(torch.cat(heads) for heads in zip(*parts, strict=True)))


class Right(NamedTuple):
    """Of each picture and each thing that its caption says, whether the judge sees it, [N] bool.

    `subject`: the likeliest one is one that is there; `both`: each of those named is present;
    `order`: the first is left of the second. Where a caption does not say such a thing, `both`
    asks for its only subject, and `worn`, `setting` and `order` for nothing.
    """

    subject: np.ndarray
    style: np.ndarray
    both: np.ndarray
    worn: np.ndarray
    setting: np.ndarray
    order: np.ndarray


def right(v: Verdict, scenes: Sequence[Scene]) -> Right:
    known = labels(scenes)
    first, second = (
        torch.tensor([one[k] if len(one) == 2 else 0 for one in (s.subjects for s in scenes)])
        for k in (0, 1)
    )
    left_of = v.right.gather(1, first[:, None]) < v.right.gather(1, second[:, None])
    either_way = torch.tensor([not beside(s) for s in scenes])
    found = Right(
        subject=known.there.gather(1, v.subject.argmax(1, keepdim=True))[:, 0] > 0,
        style=v.style.argmax(1) == known.style,
        both=((v.present > 0) | (known.there == 0)).all(1),
        worn=v.worn.argmax(1) == known.worn,
        setting=v.setting.argmax(1) == known.setting,
        order=left_of[:, 0] | either_way,
    )
    return Right(*(x.numpy() for x in found))


def accuracy(judge: Judge, pixels: np.ndarray, scenes: Sequence[Scene]) -> dict[str, float]:
    """The share of right verdicts, each over the pictures whose caption mentions such a thing.

    The last three are over those whose caption doesn't: of things it doesn't name where it names
    two, of nothing worn, of no setting.
    """
    asked = {
        "subject": [s.subject >= 0 and not s.composed for s in scenes],
        "style": [s.photograph < 0 for s in scenes],
        "both": [s.relation >= 0 for s in scenes],
        "worn": [s.attribute >= 0 for s in scenes],
        "setting": [s.setting >= 0 for s in scenes],
        "order": [beside(s) for s in scenes],
    }
    v = verdicts(judge, pixels)
    said, known = right(v, scenes)._asdict(), labels(scenes)
    shares = {k: said[k][np.array(which)] for k, which in asked.items()}
    two = torch.tensor(asked["both"], dtype=torch.bool)
    shares["not there"] = (v.present[two] <= 0)[known.there[two] == 0].numpy()
    shares["nothing worn"] = said["worn"][(known.worn == 0).numpy()]
    shares["no setting"] = said["setting"][(known.setting == 0).numpy()]
    return {k: float(of.mean()) for k, of in shares.items() if len(of)}


def save(judge: Judge, held_out: dict[str, float], path: Path = WEIGHTS) -> None:
    """Save the weights in float16, with the subjects, the styles and the held-out accuracy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        k: v.half().contiguous() if v.is_floating_point() else v
        for k, v in judge.state_dict().items()
    }
    about = {
        "subjects": "|".join(s.key for s in SUBJECTS),
        "styles": "|".join(k for k, _ in STYLES),
        "held_out": json.dumps({k: round(v, 4) for k, v in held_out.items()}),
    }
    save_file(state, path, metadata=about)


def load(path: Path = WEIGHTS) -> Judge:
    """The judge, in float32."""
    judge = Judge()
    stored = load_file(path).items()
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored})
    return judge.eval()


def ceiling(path: Path = WEIGHTS) -> dict[str, float]:
    """The judge's own accuracy on held-out pictures, from `accuracy`."""
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["held_out"])
