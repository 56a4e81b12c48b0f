"""A guided sample of 33 steps: this project's sampler beside IFPipeline, in one run.

Same weights, same prompt, same timesteps, same noise; both in float32 on the CPU. The two take
turns, so that other load falls on both. Prints seconds, their ratio, and how far the pictures
differ.

    python benchmarks/guided_sample.py --rounds 5
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import torch
from diffusers import IFPipeline

from training import sample

FOLDER = Path(__file__).parents[1] / "assets" / "pocket-if" / "stage-1"
PROMPT = "an oil painting of an old man"


def pipeline_sample(pipe: IFPipeline, text: torch.Tensor, null: torch.Tensor) -> torch.Tensor:
    return pipe(
        prompt_embeds=text, negative_prompt_embeds=null, timesteps=list(sample.TIMESTEPS),
        guidance_scale=sample.SCALE, generator=torch.Generator().manual_seed(sample.SEED),
        output_type="pt",
    ).images  # fmt: skip


def own_sample(pipe: IFPipeline, text: torch.Tensor, null: torch.Tensor) -> torch.Tensor:
    g = torch.Generator().manual_seed(sample.SEED)
    abar = pipe.scheduler.alphas_cumprod
    x = torch.randn((1, 3, 64, 64), generator=g)
    estimate = sample.guided(pipe.unet, text, null)
    x = sample.sample(estimate, x, abar, draw=lambda s, t: torch.randn(s, generator=g))
    return sample.last(estimate, x, abar)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    theirs = IFPipeline.from_pretrained(FOLDER)
    theirs.set_progress_bar_config(disable=True)
    text, null = theirs.encode_prompt(PROMPT)
    ours = IFPipeline.from_pretrained(FOLDER)
    ours.unet.to(memory_format=torch.channels_last)

    seconds: dict[str, list[float]] = {"IFPipeline": [], "training.sample": []}
    for _ in range(options.rounds):
        start = time.perf_counter()
        a = pipeline_sample(theirs, text, null)
        middle = time.perf_counter()
        b = own_sample(ours, text, null)
        seconds["IFPipeline"].append(middle - start)
        seconds["training.sample"].append(time.perf_counter() - middle)
    medians = {name: statistics.median(s) for name, s in seconds.items()}
    ratio = medians["IFPipeline"] / medians["training.sample"]
    difference = float((a - b).abs().max())
    for name, s in medians.items():
        print(f"{name:16s} {s:6.2f} s (median of {options.rounds})")
    print(f"ratio {ratio:.2f}, largest difference {difference:.1e}")
    if options.json:
        report = {"seconds": seconds, "ratio": ratio, "difference": difference}
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
