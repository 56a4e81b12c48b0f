"""Edit pictures with the editor: guidance with two scales, for the picture and the instruction."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pset.model import DiffusionModel
from pset.sampling import Estimate
from training.data import grammar
from training.judging import sample

PICTURE_SCALE, INSTRUCTION_SCALE = 1.5, 5.0


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
        inputs = torch.cat([x_t.repeat(3, 1, 1, 1), given], 1)
        output = m.unet(inputs, t, embeds, return_dict=False)[0]
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
