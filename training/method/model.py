"""The networks of the cascade: two UNets like DeepFloyd IF's, and a small T5 encoder."""

from __future__ import annotations

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from transformers import T5Config, T5EncoderModel

from training.data import tokenizer

TEXT_DIM = 128

COMMON = {
    "out_channels": 6,
    "act_fn": "gelu",
    "time_embedding_act_fn": "gelu",
    "resnet_time_scale_shift": "scale_shift",
    "mid_block_type": "UNetMidBlock2DSimpleCrossAttn",
    "attention_head_dim": 32,
    "cross_attention_dim": TEXT_DIM,
    "cross_attention_norm": "group_norm",
    "encoder_hid_dim": TEXT_DIM,
    "encoder_hid_dim_type": "text_proj",
    "addition_embed_type": "text",
    "addition_embed_type_num_heads": 4,
}

STAGE_1 = {
    "sample_size": 64,
    "in_channels": 3,
    "block_out_channels": (32, 64, 128, 256),
    "layers_per_block": 1,
    "norm_num_groups": 16,
    "down_block_types": ("DownBlock2D",) * 2 + ("SimpleCrossAttnDownBlock2D",) * 2,
    "up_block_types": ("SimpleCrossAttnUpBlock2D",) * 2 + ("UpBlock2D",) * 2,
}

STAGE_2 = {
    "sample_size": 256,
    "in_channels": 6,
    "class_embed_type": "timestep",
    "block_out_channels": (16, 32, 48, 64, 96),
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "down_block_types": ("DownBlock2D",) * 4 + ("SimpleCrossAttnDownBlock2D",),
    "up_block_types": ("SimpleCrossAttnUpBlock2D",) + ("UpBlock2D",) * 4,
}

SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_schedule": "squaredcos_cap_v2",
    "variance_type": "learned_range",
    "prediction_type": "epsilon",
    "clip_sample": True,
    "thresholding": True,
    "dynamic_thresholding_ratio": 0.95,
    # Clips x̂_0 to [-1, 1]. DeepFloyd's stage I divides by up to 1.5 instead, but here that would
    # tint the large plain backgrounds and make them grey.
    "sample_max_value": 1.0,
}


def unet_1() -> UNet2DConditionModel:
    return UNet2DConditionModel(**COMMON, **STAGE_1)


def unet_2() -> UNet2DConditionModel:
    return UNet2DConditionModel(**COMMON | STAGE_2 | {"attention_head_dim": 16})


def text_encoder() -> T5EncoderModel:
    """A T5 encoder with two layers, for the grammar's vocabulary."""
    return T5EncoderModel(
        T5Config(
            vocab_size=len(tokenizer.pieces()),
            d_model=TEXT_DIM,
            d_kv=32,
            d_ff=256,
            num_layers=2,
            num_heads=4,
            dropout_rate=0.0,
            feed_forward_proj="gated-gelu",
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
            tie_word_embeddings=False,
        )
    )


def scheduler() -> DDPMScheduler:
    return DDPMScheduler(**SCHEDULE)


def noising_scheduler() -> DDPMScheduler:
    """The noise schedule for the small picture in stage II, as in IF."""
    return DDPMScheduler(**SCHEDULE | {"variance_type": "fixed_small", "thresholding": False})


def embed(encoder: nn.Module, prompts: list[str], device: str | torch.device = "cpu") -> Tensor:
    """Prompt embeddings [B, 77, 128], like those of IFPipeline.encode_prompt."""
    return embed_ids(encoder, token_ids(prompts, device))


def token_ids(prompts: list[str], device: str | torch.device = "cpu") -> Tensor:
    """Token IDs [B, 77] int64. 0 is padding, and nothing else is 0."""
    return torch.tensor([tokenizer.encode(prompt)[0] for prompt in prompts], device=device)


def embed_ids(encoder: nn.Module, ids: Tensor) -> Tensor:
    """Prompt embeddings [B, 77, 128] from token IDs."""
    return encoder(input_ids=ids, attention_mask=(ids != 0).long())[0]
