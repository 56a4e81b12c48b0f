"""Edit pictures with the editor: guidance with two scales, for the picture and the instruction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from pset.model import DiffusionModel
from pset.sampling import Estimate
from training.data import grammar
from training.data.edits import Edit
from training.judging import judge, sample, sheets
from training.method import editor

PICTURE_SCALE, INSTRUCTION_SCALE = 1.5, 5.0
UNCHANGED = 0.02  # a change of a pixel, in -1 … 1, that isn't one
KINDS = ("subject", "other", "attribute", "setting", "style")  # what edits change in a scene


def guided(
    m: DiffusionModel,
    pictures: Tensor,
    instructions: Sequence[str],
    picture_scale: float = PICTURE_SCALE,
    instruction_scale: float = INSTRUCTION_SCALE,
) -> Estimate:
    """InstructPix2Pix's guidance, equation 3 of the paper.

    ε = ε(∅, ∅) + s_I·(ε(picture, ∅) − ε(∅, ∅)) + s_T·(ε(picture, instruction) − ε(picture, ∅))

    Args:
        m: the editor, from `sample.as_model`.
        pictures: to edit, [B, 3, H, W] in [-1, 1].
        instructions: one for each.
        picture_scale: s_I. The larger it is, the closer the result stays to the picture.
        instruction_scale: s_T. The larger it is, the more is done of what the instruction says.

    Returns:
        A function that returns noise and variance, each [B, 3, H, W]. The variance isn't guided.
    """
    told, null = m.prompt_embeds(list(instructions)), m.prompt_embeds(grammar.NULL_PROMPT)
    null = null.expand_as(told)
    embeds = torch.cat([null, null, told])
    given = torch.cat([torch.zeros_like(pictures), pictures, pictures])

    def estimate(x_t: Tensor, t: int) -> tuple[Tensor, Tensor]:
        three = editor.inputs(x_t.repeat(3, 1, 1, 1), given)
        output = m.unet(three, t, embeds, return_dict=False)[0]
        nothing, picture, both = output[:, :3].chunk(3)
        noise = nothing + picture_scale * (picture - nothing) + instruction_scale * (both - picture)
        return noise, output.chunk(3)[2][:, 3:]

    return estimate


def edited(
    m: DiffusionModel,
    pictures: Tensor,
    instructions: Sequence[str],
    seeds: Sequence[int],
    picture_scale: float = PICTURE_SCALE,
    instruction_scale: float = INSTRUCTION_SCALE,
) -> Tensor:
    """Follow an instruction for each picture: [B, 3, H, W] in [-1, 1], 33 steps from pure noise."""
    estimate = guided(m, pictures, instructions, picture_scale, instruction_scale)
    return sample.draw(m, estimate, seeds, pictures.shape[-1])


class Measured(NamedTuple):
    """Of some edited pictures: the share in which the judge sees all that the caption of the drawn
    result says, and the mean change, in -1 … 1, of pixels that don't change in the drawn result."""

    followed: float
    outside: float


def measure(net: judge.Judge, made: Tensor, pairs: Tensor, edits: Sequence[Edit]) -> Measured:
    """Measure results [N, 3, H, W] of the edits whose drawn pictures are `pairs`, [N, 6, H, W]."""
    seen = judge.verdicts(net, sheets.to_uint8(made).transpose(0, 3, 1, 2))
    right = judge.right(seen, [edit.after for edit in edits])
    followed = right.both & right.style & right.worn & right.setting
    before, after = pairs.chunk(2, 1)
    same = ((after - before).abs().amax(1, keepdim=True) < UNCHANGED).expand_as(before)
    return Measured(float(followed.mean()), float((made - before).abs()[same].mean()))


def at_scales(
    m: DiffusionModel, pairs: Tensor, edits: Sequence[Edit], scales: tuple[float, float],
    seed: int, batch: int = 8,
) -> Iterator[Tensor]:  # fmt: skip
    """Results for the first pictures of pairs [N, 6, H, W], `batch` at a time."""
    for rows in torch.arange(len(pairs)).split(batch):
        said = [edits[i].instruction for i in rows]
        seeds = [seed + int(i) for i in rows]
        yield edited(m, pairs[rows, :3], said, seeds, *scales)


def spread(edits: Sequence[Edit], each: int) -> np.ndarray:
    """Numbers of the first edits of each kind, so many of each, in the order of `KINDS`."""
    kinds = [
        next(name for name in KINDS if getattr(e.before, name) != getattr(e.after, name))
        for e in edits
    ]
    return np.concatenate([np.flatnonzero(np.array(kinds) == name)[:each] for name in KINDS])
