"""An independent judge: a small classifier of everything that a caption says.

It learns from the pictures alone, never from samples; its accuracy on held-out pictures is the
ceiling of what samples can score. At 32×32, because that is what it takes to tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, STYLES, SUBJECTS, Scene

WEIGHTS = Path(__file__).parent / "judge_weights" / "judge.safetensors"
SIZE = 32
PRESENCE = 6.0  # weight of a thing that's there, relative to one that isn't


def block(a: int, b: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)
    )


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

    What is where comes from the 4×4 cells one by one; what is there at all, from the strongest
    response in any of them.
    """

    def __init__(self, width: int = 40) -> None:
        super().__init__()
        w = width
        self.body = nn.Sequential(block(3, w), block(w, 2 * w), block(2 * w, 4 * w))
        self.top = nn.Sequential(nn.Dropout(0.1), nn.Linear(4 * w * 17, 224), nn.ReLU())
        sizes = Verdict(
            len(SUBJECTS), len(STYLES), len(SUBJECTS), 1 + len(ATTRIBUTES), 1 + len(SETTINGS),
            len(SUBJECTS),
        )  # fmt: skip
        self.heads = nn.ModuleDict(
            {name: nn.Linear(224, size) for name, size in sizes._asdict().items()}
        )

    def forward(self, x: Tensor) -> Verdict:
        cells = self.body(nn.functional.adaptive_avg_pool2d(x, SIZE))
        h = self.top(torch.cat([cells.flatten(1), cells.amax((2, 3))], 1))
        return Verdict(**{name: head(h) for name, head in self.heads.items()})


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


def loss(v: Verdict, known: Labels) -> Tensor:
    """The sum of the heads' cross-entropies; `subject` shares its probability among those there.

    `present` is summed over subjects, and one that is there weighs more than one that is not,
    since only one or two of all of them are; `right` is asked only of things side by side.
    """
    cross = nn.functional.cross_entropy
    binary = nn.functional.binary_cross_entropy_with_logits
    named = known.there.sum(1) > 0
    shares = known.there[named] / known.there[named].sum(1, keepdim=True)
    total = cross(v.subject[named], shares, label_smoothing=0.05)
    total = (
        total
        + 0.5
        * binary(v.present, known.there, reduction="none", pos_weight=torch.tensor(PRESENCE))
        .sum(1)
        .mean()
    )
    total = total + 0.5 * (cross(v.style, known.style) + cross(v.worn, known.worn))
    total = total + 0.5 * cross(v.setting, known.setting)
    two = known.side != 0
    if two.any():
        total = total + 0.5 * binary(v.right[two], (known.side[two] > 0).float())
    return total


@dataclass
class JudgeState:
    step: int
    loss: float


def augmented(x: Tensor, known: Labels, g: torch.Generator) -> tuple[Tensor, Labels]:
    """Shift by up to two pixels, mirror, and add a little noise or blur, for robustness."""
    dx, dy = torch.randint(-2, 3, (2,), generator=g).tolist()
    x = x.roll((dy, dx), dims=(2, 3))
    flip = torch.rand(len(x), generator=g) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    if torch.rand((), generator=g) < 0.3:
        x = nn.functional.avg_pool2d(nn.functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    amount = 0.15 * torch.rand((len(x), 1, 1, 1), generator=g)
    return x + amount * torch.randn(x.shape, generator=g), known.mirrored(flip)


def scaled(pixels: np.ndarray) -> Tensor:
    """uint8 to [-1, 1]."""
    return torch.from_numpy(pixels.astype(np.float32)) / 127.5 - 1


def train(
    judge: Judge, pixels: np.ndarray, scenes: Sequence[Scene], epochs: float = 6, seed: int = 7
) -> Iterator[JudgeState]:
    """Train on pictures uint8 [N, 3, 32, 32], yielding the state after every step."""
    known = labels(scenes)
    g = torch.Generator().manual_seed(seed)
    batch = 128
    total = int(epochs * (len(pixels) // batch))
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=total)
    step = 0
    judge.train()
    while step < total:
        for rows in torch.randperm(len(pixels), generator=g).split(batch):
            if len(rows) < batch or step == total:
                break
            x, said = augmented(scaled(pixels[rows.numpy()]), known.rows(rows), g)
            error = loss(judge(x), said)
            optimiser.zero_grad()
            error.backward()
            optimiser.step()
            rates.step()
            step += 1
            yield JudgeState(step, float(error.detach()))
    judge.eval()


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
    """The share of right verdicts, each over the pictures whose caption mentions such a thing."""
    asked = {
        "subject": [s.subject >= 0 and not s.composed for s in scenes],
        "style": [s.photograph < 0 for s in scenes],
        "both": [s.relation >= 0 for s in scenes],
        "worn": [s.attribute >= 0 for s in scenes],
        "setting": [s.setting >= 0 for s in scenes],
        "order": [beside(s) for s in scenes],
    }
    said = right(verdicts(judge, pixels), scenes)._asdict()
    return {k: float(said[k][np.array(which)].mean()) for k, which in asked.items() if any(which)}


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
