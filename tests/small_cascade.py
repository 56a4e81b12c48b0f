"""A cascade of random weights in DeepFloyd's layout, small enough to make in a second.

Same classes, blocks, file names and number format as DeepFloyd IF: T5 encoder in several
half-precision shards, a sentencepiece model and no `tokenizer.json`, simple cross-attention with
added text keys, a second stage that is told its noise level. Only the sizes differ.
"""

import json
from pathlib import Path

import sentencepiece
import torch
from diffusers import (
    DDPMScheduler,
    IFPipeline,
    IFSuperResolutionPipeline,
    UNet2DConditionModel,
)
from transformers import T5Config, T5EncoderModel, T5Tokenizer

EMBEDDING_WIDTH = 16
SENTENCES = (
    "a high quality photo",
    "an oil painting of an old man",
    "an oil painting of people around a campfire",
    "a lithograph of a skull",
    "a lithograph of waterfalls",
)


def save_small_cascade(folder: Path) -> Path:
    """Write `stage-1/` and `stage-2/` and return the folder; the same weights every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(180)
        tokenizer_folder = folder / "tokenizer"
        _write_tokenizer(tokenizer_folder)
        shared = {
            "tokenizer": T5Tokenizer.from_pretrained(tokenizer_folder),
            "text_encoder": _text_encoder().half(),
            "safety_checker": None,
            "feature_extractor": None,
            "watermarker": None,
            "requires_safety_checker": False,
        }
        stage_1 = IFPipeline(
            unet=_unet(image_size=64, in_channels=3).half(),
            scheduler=_scheduler(sample_max_value=1.5),
            **shared,
        )
        stage_2 = IFSuperResolutionPipeline(
            unet=_unet(image_size=256, in_channels=6, class_embed_type="timestep").half(),
            scheduler=_scheduler(sample_max_value=1.0),
            image_noising_scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
            **shared,
        )
    for name, stage in (("stage-1", stage_1), ("stage-2", stage_2)):
        stage.save_pretrained(folder / name, variant="fp16")
        stage.text_encoder.save_pretrained(
            folder / name / "text_encoder", variant="fp16", max_shard_size="8KB"
        )
        # The pipelines write the newer tokenizer.json; DeepFloyd's repositories are older.
        for file in (folder / name / "tokenizer").iterdir():
            file.unlink()
        for file in tokenizer_folder.iterdir():
            (folder / name / "tokenizer" / file.name).write_bytes(file.read_bytes())
    return folder


def _write_tokenizer(folder: Path) -> None:
    folder.mkdir(parents=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 20),
        model_prefix=str(folder / "spiece"),
        vocab_size=200,
        hard_vocab_limit=False,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "spiece.vocab").unlink()
    settings = {"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def _text_encoder() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=200,
            d_model=EMBEDDING_WIDTH,
            d_kv=8,
            d_ff=32,
            num_layers=2,
            num_heads=2,
            feed_forward_proj="gated-gelu",
        )
    )


def _unet(image_size: int, in_channels: int, **options) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=image_size,
        in_channels=in_channels,
        out_channels=6,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        norm_num_groups=8,
        attention_head_dim=16,
        encoder_hid_dim=EMBEDDING_WIDTH,
        cross_attention_dim=32,
        cross_attention_norm="group_norm",
        addition_embed_type="text",
        addition_embed_type_num_heads=2,
        resnet_time_scale_shift="scale_shift",
        act_fn="gelu",
        **options,
    )


def _scheduler(sample_max_value: float) -> DDPMScheduler:
    return DDPMScheduler(
        beta_schedule="squaredcos_cap_v2",
        variance_type="learned_range",
        thresholding=True,
        dynamic_thresholding_ratio=0.95,
        sample_max_value=sample_max_value,
    )
