"""An independent judge: a small classifier of subject and style.

It learns from the pictures alone, never from samples; its accuracy on held-out pictures is the
ceiling of what samples can score. At 32×32, because that is what it takes to tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.grammar import STYLES, SUBJECTS
from training.pictures import Pictures

WEIGHTS = Path(__file__).parent / "judge_weights" / "judge.safetensors"
SIZE = 32


def block(a: int, b: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)
    )


class Judge(nn.Module):
    """Pictures [B, 3, H, W] in [-1, 1] -> logits of subject [B, S] and style [B, K]."""

    def __init__(self, width: int = 40) -> None:
        super().__init__()
        w = width
        self.body = nn.Sequential(block(3, w), block(w, 2 * w), block(2 * w, 4 * w))
        self.top = nn.Sequential(
            nn.Flatten(), nn.Dropout(0.3), nn.Linear(4 * w * 16, 128), nn.ReLU()
        )
        self.subject = nn.Linear(128, len(SUBJECTS))
        self.style = nn.Linear(128, len(STYLES))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = nn.functional.adaptive_avg_pool2d(x, SIZE)
        h = self.top(self.body(x))
        return self.subject(h), self.style(h)


@dataclass
class JudgeState:
    step: int
    loss: float


def labels(pictures: Pictures) -> Tensor:
    """[N, 2]: subject and style."""
    return torch.tensor([[s.subject, s.style] for s in pictures.scenes])


def augmented(x: Tensor, g: torch.Generator) -> Tensor:
    """Shift by up to two pixels, mirror, and add a little noise or blur: it shall be forgiving."""
    dx, dy = torch.randint(-2, 3, (2,), generator=g).tolist()
    x = x.roll((dy, dx), dims=(2, 3))
    flip = torch.rand(len(x), generator=g) < 0.5
    x = torch.where(flip[:, None, None, None], x.flip(-1), x)
    if torch.rand((), generator=g) < 0.3:
        x = nn.functional.avg_pool2d(nn.functional.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    amount = 0.15 * torch.rand((len(x), 1, 1, 1), generator=g)
    return x + amount * torch.randn(x.shape, generator=g)


def train(judge: Judge, pictures: Pictures, epochs: int = 6, seed: int = 7) -> Iterator[JudgeState]:
    """Train, yielding the state after every step."""
    pixels, known = pictures.at(SIZE), labels(pictures)
    g = torch.Generator().manual_seed(seed)
    batch = 128
    total = epochs * (len(pixels) // batch)
    optimiser = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=total)
    step = 0
    judge.train()
    while step < total:
        for rows in torch.randperm(len(pixels), generator=g).split(batch):
            if len(rows) < batch or step == total:
                break
            x = torch.from_numpy(pixels[rows.numpy()].astype(np.float32)) / 127.5 - 1
            subject, style = judge(augmented(x, g))
            loss = nn.functional.cross_entropy(subject, known[rows, 0], label_smoothing=0.05)
            loss = loss + 0.5 * nn.functional.cross_entropy(style, known[rows, 1])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            rates.step()
            step += 1
            yield JudgeState(step, float(loss.detach()))
    judge.eval()


@torch.inference_mode()
def accuracy(judge: Judge, pictures: Pictures) -> tuple[float, float]:
    """Top-1 of subject and style."""
    judge.eval()
    pixels, known = pictures.at(SIZE), labels(pictures)
    right = torch.zeros(2)
    for rows in torch.arange(len(pixels)).split(512):
        x = torch.from_numpy(pixels[rows.numpy()].astype(np.float32)) / 127.5 - 1
        subject, style = judge(x)
        right[0] += (subject.argmax(1) == known[rows, 0]).sum()
        right[1] += (style.argmax(1) == known[rows, 1]).sum()
    return float(right[0]) / len(pixels), float(right[1]) / len(pixels)


def save(judge: Judge, path: Path = WEIGHTS, held_out: tuple[float, float] = (0, 0)) -> None:
    """Weights in float16, with the names they are for and the accuracy on held-out pictures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {
        k: v.half().contiguous() if v.is_floating_point() else v
        for k, v in judge.state_dict().items()
    }
    about = {
        "subjects": "|".join(s.key for s in SUBJECTS),
        "styles": "|".join(k for k, _ in STYLES),
        "held_out": "|".join(f"{x:.4f}" for x in held_out),
    }
    save_file(state, path, metadata=about)


def load(path: Path = WEIGHTS) -> Judge:
    """The judge, in float32."""
    judge = Judge()
    stored = load_file(path).items()
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in stored})
    return judge.eval()


def ceiling(path: Path = WEIGHTS) -> tuple[float, float]:
    """The judge's own accuracy on held-out pictures: subject, style."""
    with safe_open(path, "pt") as file:
        subject, style = file.metadata()["held_out"].split("|")
    return float(subject), float(style)
