"""Instruction pairs that a model makes itself, with prompt-to-prompt: the lecture's way.

As in notebook 15, and with its solutions: the edited picture gets the attention maps of the first
one for a random share τ of the steps, and a filter looks at what came out. For embeddings there's
the judge in place of CLIP. Its verdict on a picture is a list of probabilities, and a caption's
embedding is the verdict that only this caption deserves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from pset import guided, noise, thresholded
from pset.attention import edit_attention
from pset.instruction_pairs import Pair
from pset.model import DiffusionModel
from pset.sampling import STRIDED_TIMESTEPS
from training.data import grammar
from training.data.edits import Edit, random_edit
from training.data.grammar import Scene
from training.data.pictures import SEED
from training.judging import judge, sample

NOTEBOOK = "15_prompt_to_prompt"
TAUS = (0.1, 0.9)
MIN_SIMILARITY, MIN_DIRECTION = 0.5, 0.4  # as in the notebook


@dataclass(frozen=True)
class Made:
    """A pair that was drawn, [2, 3, 64, 64] in [-1, 1], and the filter's two numbers."""

    pair: Pair
    pictures: Tensor
    tau: float
    similarity: float
    direction: float

    @property
    def kept(self) -> bool:
        return self.similarity > MIN_SIMILARITY and self.direction > MIN_DIRECTION


def edits() -> Iterator[Edit]:
    """Random edits whose two captions have the same words but for those in one place."""
    rng = np.random.default_rng([SEED, 5])
    while True:
        edit = random_edit(rng)
        before, after = (grammar.caption(scene).split() for scene in (edit.before, edit.after))
        if len(before) == len(after):
            yield edit


def draw(m: DiffusionModel, prompts: Sequence[str], tau: float, seed: int) -> Tensor:
    """The source's picture and the edited one, [2, 3, 64, 64]."""
    inject, draw_edits = (sample.solution(NOTEBOOK, name) for name in ("inject", "draw_edits"))
    plain = thresholded(m, guided(m, prompts))

    def edited(x_t: Tensor, t: int) -> tuple[Tensor, Tensor]:
        with edit_attention(m, lambda probabilities, layer: inject(probabilities, layer.tokens)):
            return plain(x_t, t)

    x_T = noise((1, 3, 64, 64), seed, m.device)
    steps = m.alphas_cumprod, STRIDED_TIMESTEPS, seed
    return draw_edits(x_T, len(prompts), plain, edited, tau, *steps).cpu()


def of_pictures(net: judge.Judge, pictures: Tensor) -> Tensor:
    """Embeddings of pictures [N, 3, H, W]: what the judge sees, as probabilities."""
    v = net(pictures.clamp(-1, 1))
    one_of = (head.softmax(1) for head in (v.style, v.worn, v.setting))
    return torch.cat([v.present.sigmoid(), *one_of], 1)


def of_scenes(scenes: Sequence[Scene]) -> Tensor:
    """Embeddings of captions: 1 for all that they say."""
    known = judge.labels(scenes)
    one_of = ((known.style, len(grammar.STYLES)), (known.worn, 1 + len(grammar.ATTRIBUTES)),
              (known.setting, 1 + len(grammar.SETTINGS)))  # fmt: skip
    return torch.cat([known.there, *(nn.functional.one_hot(i, n) for i, n in one_of)], 1).float()


@torch.inference_mode()
def made(m: DiffusionModel, net: judge.Judge, count: int) -> Iterator[Made]:
    """Draw `count` pairs, and score each."""
    rng = np.random.default_rng([SEED, 6])
    for number, edit in zip(range(count), edits(), strict=False):
        scenes, tau = (edit.before, edit.after), float(rng.uniform(*TAUS))
        prompts = [grammar.caption(scene) for scene in scenes]
        pictures = draw(m, prompts, tau, SEED + number)
        seen, said = of_pictures(net, pictures), of_scenes(scenes)
        pair_scores = sample.solution(NOTEBOOK, "pair_scores")
        scores = pair_scores(seen[:1], seen[1:], said[:1], said[1:])[0]
        yield Made(Pair(prompts[0], edit.instruction, prompts[1]), pictures, tau, *scores.tolist())
