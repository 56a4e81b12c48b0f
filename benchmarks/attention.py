"""Attention maps and prompt-to-prompt, measured: a page in docs/, with a picture.

Maps: training pictures of two things are noised, and the network is asked about them once at each
t. It's known where each thing is, so one can say what share of its word's map is inside, beside the
share that a map with the same value everywhere would have. None of these pictures was trained on.

Prompt-to-prompt: swaps of one subject, drawn for each τ. How much changes outside of the swapped
subject, and does the judge see the new one? With τ = 0 the two pictures share their noise only.

The functions are the solutions' own.

    python -m benchmarks.attention --pictures 60 --swaps 40
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from matplotlib import pyplot as plt
from rich.progress import track
from torch.nn import functional

import pset
from autograder.paths import ROOT
from pset.attention import Layer, record_attention
from pset.figures import save_figure
from pset.model import DiffusionModel
from tests.solutions.finding import function
from training.commands.app import HELD_OUT, WORK
from training.data import compositions, grammar, masks
from training.data.grammar import RELATIONS, SUBJECTS, Scene
from training.judging import judge
from training.judging.prompt_pairs import draw

PHOTO = 0
NOISY = (200, 400, 600, 800)
TAUS = (0, 0.2, 0.4, 0.6, 0.8, 1)
WORD_AT = 0.4
"""A subject is where its word's map, averaged over the steps, is above this share of its largest
value; and one pixel of the layer further."""


def composed_scenes(seed: int) -> Iterator[Scene]:
    """Photographs of two things, at random."""
    rng = np.random.default_rng([pset.SEED, seed])
    while True:
        scene = compositions.random_scene(PHOTO, rng)
        if scene.setting < 0:
            yield scene


# --- maps ----------------------------------------------------------------------------------------


@dataclass
class Inside:
    """Shares of one word's map at one t, in the finest layers and in all of them."""

    t: int
    area: float
    finest: float
    every: float


def measure_maps(model: DiffusionModel, count: int, artwork: Path) -> list[Inside]:
    """Of both words of `count` pictures, at each t."""
    found = []
    scenes = composed_scenes(1)
    for number in track(range(count), "maps"):
        scene = next(scenes)
        image, visible = masks.with_masks(scene, HELD_OUT + number, artwork)
        x_0 = torch.from_numpy(image.astype(np.float32)).permute(2, 0, 1)[None] / 127.5 - 1
        for t in NOISY:
            found += maps_of(model, grammar.caption(scene), x_0, visible, t)
    return found


def maps_of(
    model: DiffusionModel, caption: str, x_0: torch.Tensor, visible: dict[str, np.ndarray], t: int
) -> list[Inside]:
    """Of the words of one picture, noised to t."""
    words = dict(model.prompts.words(caption))
    columns = [words[word] for word in visible]

    def keep(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        size = (64, 64)
        return function("word_maps")(probabilities, columns, layer.height, layer.width, size)

    noise, alpha_bar = pset.noise(x_0.shape, t), model.alphas_cumprod[t]
    x_t = alpha_bar.sqrt() * x_0 + (1 - alpha_bar).sqrt() * noise
    with record_attention(model, keep) as records:
        pset.guided(model, caption)(x_t, t)
    finest = max(layer.height for layer, _ in records)
    every = torch.stack([kept for _, kept in records]).mean(0)
    fine = torch.stack([kept for layer, kept in records if layer.height == finest]).mean(0)
    found = []
    for k, mask in enumerate(visible.values()):
        inside = torch.from_numpy(mask).float()
        shares = [float((maps[k] * inside).sum() / maps[k].sum()) for maps in (fine, every)]
        found.append(Inside(t, float(inside.mean()), *shares))
    return found


def table_of_maps(found: list[Inside]) -> list[dict[str, float]]:
    """A row for each t."""
    rows = []
    for t in NOISY:
        here = [one for one in found if one.t == t]
        area, finest, every = (
            float(np.mean([getattr(one, name) for one in here]))
            for name in ("area", "finest", "every")
        )
        above = float(np.mean([one.finest > one.area for one in here]))
        rows.append(
            {"t": t, "words": len(here), "area": area, "finest": finest, "every": every}
            | {"above": above}
        )
    return rows


# --- prompt-to-prompt ----------------------------------------------------------------------------


@dataclass
class Swap:
    """One word of a caption is swapped with another."""

    scene: Scene
    edited: Scene
    old: str
    new: str
    new_subject: int

    @property
    def prompts(self) -> list[str]:
        return [grammar.caption(self.scene), grammar.caption(self.edited)]


def swaps(count: int) -> list[Swap]:
    """Random swaps of the first or the second of two related subjects, with one that fits too."""
    rng = np.random.default_rng([pset.SEED, 2])
    keys = [s.key for s in SUBJECTS]
    found: list[Swap] = []
    for scene in composed_scenes(3):
        if len(found) == count:
            break
        fitting = compositions.FITTING.get(RELATIONS[scene.relation][0])
        if scene.relation < 0 or fitting is None:
            continue
        which = len(found) % 2
        pair = [scene.subject, scene.other]
        others = [keys.index(k) for k in fitting[which] if keys.index(k) not in pair]
        if not others:  # a cake is always a cake
            which = 0
            others = [keys.index(k) for k in fitting[0] if keys.index(k) not in pair]
        old, new = pair[which], int(rng.choice(others))
        pair[which] = new
        edited = Scene(pair[0], scene.style, -1, -1, scene.relation, pair[1])
        swap = Swap(scene, edited, masks.last_word(old), masks.last_word(new), new)
        if len({len(prompt.split()) for prompt in swap.prompts}) == 1:
            found.append(swap)
    return found


@dataclass
class Edit:
    """What became of one swap with one τ: mean changes in -1 … 1, and what the judge sees."""

    tau: float
    outside: float
    inside: float
    new_is_there: bool


def region(maps: list[torch.Tensor], size: int) -> torch.Tensor:
    """Where any of the words is, [64, 64] bool, from their maps [H, W]."""
    there = torch.zeros(size, size, dtype=torch.bool)
    for one in maps:
        wide = functional.max_pool2d((one > WORD_AT * one.max()).float()[None], 3, 1, 1)
        there |= functional.interpolate(wide[None], (size, size))[0, 0] > 0
    return there


def measure_swap(
    model: DiffusionModel, net: judge.Judge, swap: Swap, taus: tuple[float, ...], seed: int
) -> list[Edit]:
    """One swap with each τ. The first one is 0, and says where the two subjects are."""
    columns = [
        dict(model.prompts.words(prompt))[word]
        for prompt, word in zip(swap.prompts, (swap.old, swap.new), strict=True)
    ]

    def keep(probabilities: torch.Tensor, layer: Layer) -> torch.Tensor:
        pair = zip(probabilities[2:], columns, strict=True)
        maps = torch.stack([p.mean(0)[:, numbers].sum(1) for p, numbers in pair])
        return maps.unflatten(1, (layer.height, layer.width))

    with record_attention(model, keep) as records:
        pictures = [draw(model, swap.prompts, taus[0], seed)]
    finest = max(layer.height for layer, _ in records)
    maps = torch.stack([kept for layer, kept in records if layer.height == finest]).mean(0)
    there = region(list(maps), pictures[0].shape[-1])
    pictures += [draw(model, swap.prompts, tau, seed) for tau in taus[1:]]
    edits = []
    for tau, (source, edited) in zip(taus, pictures, strict=True):
        change = (edited - source).abs().mean(0)
        with torch.no_grad():
            present = net(edited[None].clamp(-1, 1)).present[0, swap.new_subject]
        edits.append(
            Edit(tau, float(change[~there].mean()), float(change[there].mean()), bool(present > 0))
        )
    return edits


def table_of_swaps(edits: list[list[Edit]]) -> list[dict[str, float]]:
    """A row for each τ, over the swaps."""
    rows = []
    for column in zip(*edits, strict=True):
        mean: Callable[[str], float] = partial(_mean, column)
        rows.append({"tau": column[0].tau, "swaps": len(column)} | {
            name: mean(name) for name in ("outside", "inside", "new_is_there")
        })  # fmt: skip
    return rows


def _mean(edits: tuple[Edit, ...], name: str) -> float:
    return float(np.nanmean([getattr(edit, name) for edit in edits]))


# --- the page ------------------------------------------------------------------------------------

PAGE = """# Attention maps and prompt-to-prompt, measured

This page is generated by

```sh
python -m benchmarks.attention --pictures {pictures} --swaps {swaps}
```

with the weights in `{folder}`. The benchmark's docstring says what's counted.

## Does a word's map show the thing?

{pictures} pictures of two things each, which weren't trained on, noised to t. The share of a word's
map that lies inside what it names, averaged over the words; a uniform map has the thing's own share
of the picture. *Finest* is the mean over the layers with 16 × 16 pixels, *all* over all layers.

| t | words | uniform | finest | all | more than uniform (finest) |
|---:|---:|---:|---:|---:|---:|
{maps}

## Does prompt-to-prompt change only what it should?

{swaps} swaps of one of two subjects. *Outside* is the mean change of a pixel, in -1 … 1, outside of
the places where the old or the new subject's word is read; *inside* is the same there. τ = 0 is
"same seed only". The last column is how often the judge sees the new subject.

| τ | outside | of τ = 0 | inside | new subject |
|---:|---:|---:|---:|---:|
{edits}

![Change outside, and how often the judge sees the new subject, over τ]({picture})
"""


def page(
    maps: list[dict[str, float]], edits: list[dict[str, float]], pictures: int, folder: str,
    picture: str,
) -> str:  # fmt: skip
    """The page in Markdown."""
    first = edits[0]["outside"]
    return PAGE.format(
        pictures=pictures,
        swaps=edits[0]["swaps"],
        folder=folder,
        picture=picture,
        maps="\n".join(
            f"| {row['t']} | {row['words']} | {row['area']:.0%} | {row['finest']:.0%} | "
            f"{row['every']:.0%} | {row['above']:.0%} |"
            for row in maps
        ),
        edits="\n".join(
            f"| {row['tau']:g} | {row['outside']:.3f} | {row['outside'] / first:.0%} | "
            f"{row['inside']:.3f} | {row['new_is_there']:.0%} |"
            for row in edits
        ),
    )


def draw_curve(edits: list[dict[str, float]], path: Path) -> None:
    """Both curves over τ, as PNG."""
    taus = [row["tau"] for row in edits]
    figure, axis = plt.subplots(figsize=(5, 3.2))
    first = edits[0]
    for name, label in (("outside", "change outside, of τ = 0"), ("inside", "change inside")):
        axis.plot(taus, [row[name] / first[name] for row in edits], "o-", label=label)
    seen = [row["new_is_there"] for row in edits]
    axis.plot(taus, seen, "s--", color="black", label="the judge sees the new subject")
    axis.set(xlabel="τ", ylim=(0, 1.05))
    axis.legend(fontsize=8)
    figure.tight_layout()
    plt.close(figure)
    save_figure(figure, path)


def main(
    pictures: Annotated[int, typer.Option(help="Training pictures, with two words each.")] = 60,
    swaps_: Annotated[int, typer.Option("--swaps", help="Word swaps.")] = 40,
    folder: Annotated[Path, typer.Option(help="A model.")] = ROOT / "assets" / "pocket-if",
    artwork: Annotated[Path, typer.Option(help="Where the artwork is.")] = WORK / "artwork",
    out: Annotated[Path, typer.Option(help="Where to write the page.")] = (
        ROOT / "docs" / "attention.md"
    ),
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
) -> None:
    """Measure both, and write the page."""
    torch.set_num_threads(threads)
    model, net = pset.load_model(folder, device="cpu"), judge.load()
    maps = table_of_maps(measure_maps(model, pictures, artwork))
    print(json.dumps(maps, indent=1))
    edits = [
        measure_swap(model, net, swap, TAUS, pset.SEED + number)
        for number, swap in enumerate(track(swaps(swaps_), "swaps"))
    ]
    rows = table_of_swaps(edits)
    picture = out.parent / "images" / "prompt_to_prompt.png"
    draw_curve(rows, picture)
    inside = folder.resolve()
    shown = str(inside.relative_to(ROOT) if inside.is_relative_to(ROOT) else inside.name)
    out.write_text(
        page(maps, rows, pictures, shown, str(picture.relative_to(out.parent))), encoding="utf-8"
    )
    print(f"{out} is written.")


if __name__ == "__main__":
    typer.run(main)
