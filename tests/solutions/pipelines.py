"""diffusers' own pipelines around the networks of a test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from diffusers import DDPMScheduler, DiffusionPipeline

import pset


@contextmanager
def our_noise(timesteps: Sequence[int]) -> Iterator[None]:
    """The steps of a pipeline add the course's noise: by arrival, and none in the last step.

    Args:
        timesteps: those of the one run that is made inside.
    """
    arrivals = iter(timesteps[1:])

    def drawn(shape: Sequence[int], **options: Any) -> torch.Tensor:
        t = next(arrivals)
        return pset.step_noise(shape, t) if t else torch.zeros(shape)

    with mock.patch("diffusers.schedulers.scheduling_ddpm.randn_tensor", drawn):
        yield


def pipeline(
    kind: type[DiffusionPipeline], model: Any, thresholding: bool = False, **more: Any
) -> DiffusionPipeline:
    """A pipeline with a model's network and schedule, for embeddings that are given.

    Without thresholding and clipping, which the course's loop does not have unless it is handed a
    thresholded estimate, and without bars.

    Args:
        kind: which of IF's pipelines.
        model: has unet.network and scheduler.
        thresholding: with it after all, as the model's scheduler has it.
        more: what this kind needs besides.
    """
    made = kind(
        tokenizer=None,
        text_encoder=None,
        unet=model.unet.network,
        scheduler=DDPMScheduler.from_config(
            model.scheduler.config, thresholding=thresholding, clip_sample=False
        ),
        safety_checker=None,
        feature_extractor=None,
        watermarker=None,
        requires_safety_checker=False,
        **more,
    )
    made.set_progress_bar_config(disable=True)
    return made
