"""A guided sample of 33 steps: this project's sampler beside IFPipeline, in one run.

Same weights, same prompt, same timesteps, same noise; both in float32 on the CPU. The two take
turns, so that other load falls on both. Prints seconds, their ratio, and how far the pictures
differ.

    python -m benchmarks.guided_sample --rounds 5
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import torch
import typer
from diffusers import IFPipeline
from rich.console import Console
from rich.progress import track
from rich.table import Table

import pset
from pset.assets import assets_dir
from pset.sampling import STRIDED_TIMESTEPS
from tests.solutions.pipelines import our_noise

PROMPT = "an oil painting of an old man"
SCALE = 7.0


def theirs(folder: Path) -> Callable[[], torch.Tensor]:
    """The stock pipeline, ready to draw: [1, 3, 64, 64] in -1 … 1."""
    pipe = IFPipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    prompt, null = pipe.encode_prompt(PROMPT)

    def draw() -> torch.Tensor:
        with our_noise(STRIDED_TIMESTEPS):
            return pipe(
                prompt_embeds=prompt,
                negative_prompt_embeds=null,
                timesteps=list(STRIDED_TIMESTEPS),
                guidance_scale=SCALE,
                generator=torch.Generator().manual_seed(pset.SEED),
                output_type="pt",
            ).images

    return draw


def ours(folder: Path) -> Callable[[], torch.Tensor]:
    """The loop, guidance and thresholding that students use, ready to draw the same."""
    model = pset.load_model(folder, device="cpu")
    model.prompt_embeds([PROMPT, ""])

    def draw() -> torch.Tensor:
        estimate = pset.thresholded(model, pset.guided(model, PROMPT, SCALE))
        x_T = pset.noise((1, 3, 64, 64))
        x = pset.iterative_denoise(x_T, 0, estimate, model.alphas_cumprod)
        # The pipeline's last step, besides the 33: from t = 0 to its estimate of the clean image.
        noise, _ = estimate(x, 0)
        alpha_bar = model.alphas_cumprod[0]
        return (x - (1 - alpha_bar).sqrt() * noise) / alpha_bar.sqrt()

    return draw


def main(
    rounds: Annotated[int, typer.Option(help="Samples of each.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
) -> None:
    """Time both, one after the other, and print the ratio."""
    torch.set_num_threads(threads)
    folder = assets_dir() / "pocket-if" / "stage-1"
    makers = {"IFPipeline": theirs(folder), "pset": ours(folder)}
    seconds: dict[str, list[float]] = {name: [] for name in makers}
    pictures = {}
    for _ in track(range(rounds), "samples"):
        for name, draw in makers.items():
            start = time.perf_counter()
            pictures[name] = draw()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(all_) for name, all_ in seconds.items()}
    table = Table("", "seconds (median)", "times as fast", title=f"{rounds} samples, in turns")
    for name, median in medians.items():
        table.add_row(name, f"{median:.2f}", f"{medians['IFPipeline'] / median:.2f}")
    Console().print(table)
    difference = float((pictures["pset"] - pictures["IFPipeline"]).abs().max())
    print(f"largest difference of a pixel, in -1 … 1: {difference:.1e}")


if __name__ == "__main__":
    typer.run(main)
