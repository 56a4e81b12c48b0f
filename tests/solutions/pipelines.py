"""diffusers' own pipelines around the networks of a test."""

from typing import Any

from diffusers import DDPMScheduler, DiffusionPipeline


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
