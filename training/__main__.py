"""``python -m training``: build the pictures, train the cascade, judge it, export it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / ".training"
HELD_OUT = 10_000  # seeds from here on are never trained on
RUNS = ROOT / "training" / "runs"
EXPORTED = ROOT / "assets" / "pocket-if"

Minutes = Annotated[float, typer.Option(help="How long to train in this call.")]
Device = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
Work = Annotated[Path, typer.Option(help="Folder for artwork, pictures and checkpoints.")]


@app.command()
def pictures(
    variations: Annotated[int, typer.Option(help="Pictures of every subject × style.")] = 60,
    full: Annotated[float, typer.Option(help="Share of scenes of more than one thing.")] = 0.0,
    size: Annotated[int, typer.Option(help="64, or 256 for stage II.")] = 64,
    workers: Annotated[int, typer.Option(help="Processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Install the artwork packages and draw the training and held-out pictures."""
    from tqdm import tqdm

    from training import artwork
    from training import pictures as module

    artwork.install(work / "artwork")
    end = "" if size == 64 else f"-{size}"
    parts = (("pictures", variations, 0), ("held-out", 4 if size == 64 else 1, HELD_OUT))
    for name, count, start in parts:
        todo = list(module.plan(count, full if start == 0 else 0.0, start))
        bar = tqdm(total=len(todo), desc=name + end, unit="picture")
        for done in module.build(work / (name + end), work / "artwork", todo, workers, size):
            bar.update(done - bar.n)
        bar.close()


@app.command()
def stage1(
    minutes: Minutes = 60.0,
    size: Annotated[int, typer.Option(help="32 for most of the time, 64 at the end.")] = 64,
    batch: Annotated[int, typer.Option(help="Pictures in a step.")] = 32,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 1e-3,
    finish_in: Annotated[
        float | None, typer.Option(help="Let the learning rate fall to zero in these minutes.")
    ] = None,
    power: Annotated[float, typer.Option(help="< 1: more of the high noise levels.")] = 0.6,
    device: Device = "cpu",
    name: Annotated[str, typer.Option(help="Of the run, in training/runs.")] = "stage-1",
    fresh: Annotated[bool, typer.Option(help="Start again from nothing.")] = False,
    from_average: Annotated[
        bool, typer.Option(help="Put the averaged weights in place of the last ones first.")
    ] = False,
    freeze_text: Annotated[
        bool, typer.Option(help="Leave the text encoder as it is (stage II reads it too).")
    ] = False,
    ema: Annotated[float, typer.Option(help="Decay of the average; less for short runs.")] = 0.999,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    mirror: Annotated[Path | None, typer.Option(help="Second place for checkpoints.")] = None,
    work: Work = WORK,
) -> None:
    """Train stage I and the text encoder; goes on from the last checkpoint."""
    import torch
    from tqdm import tqdm

    from training import loop, run
    from training import stage1 as stage
    from training.pictures import Pictures

    _prepare(device, threads)
    nets = stage.networks().to(device)
    if device != "cpu":  # on a CPU group norm's backward is far slower channels last
        nets["unet"].to(memory_format=torch.channels_last)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    if not fresh:
        _resume(trainer, places, EXPORTED / "stage-1", only=("text", "unet"))
    if from_average:
        trainer.nets.load_state_dict(trainer.ema.state_dict())
    trainer.nets["text"].requires_grad_(not freeze_text)
    loss_of = stage.loss_function(Pictures(work / "pictures"), size, batch, device, power=power)
    states = run.watched(
        loop.train(trainer, loss_of, finish_in), trainer, places, minutes, note={"size": size}
    )
    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)


@app.command()
def stage2(
    minutes: Minutes = 25.0,
    crop: Annotated[int, typer.Option(help="Side of the crops of 256×256 pictures.")] = 64,
    batch: Annotated[int, typer.Option(help="Crops in a step.")] = 16,
    lr: Annotated[float, typer.Option(help="Learning rate.")] = 1e-3,
    finish_in: Annotated[
        float | None, typer.Option(help="Let the learning rate fall to zero in these minutes.")
    ] = None,
    device: Device = "cpu",
    name: Annotated[str, typer.Option(help="Of the run, in training/runs.")] = "stage-2",
    ema: Annotated[float, typer.Option(help="Decay of the average; less for short runs.")] = 0.999,
    text_from: Annotated[str, typer.Option(help="The run whose text encoder it uses.")] = "stage-1",
    fresh: Annotated[bool, typer.Option(help="Start again from nothing.")] = False,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    mirror: Annotated[Path | None, typer.Option(help="Second place for checkpoints.")] = None,
    work: Work = WORK,
) -> None:
    """Train stage II on crops, with stage I's text encoder as it is."""
    import torch
    from tqdm import tqdm

    from training import loop, model, run
    from training import stage2 as stage
    from training.pictures import Pictures

    _prepare(device, threads)
    text = _average(work / f"{text_from}.pt", EXPORTED / "stage-1")["text"].to(device)
    nets = stage.network().to(device)
    if device != "cpu":  # on a CPU group norm's backward is far slower channels last
        nets["unet"].to(memory_format=torch.channels_last)
    trainer = loop.Trainer(nets, lr=lr, ema_decay=ema, warm_up=100)
    places = run.Places(work / f"{name}.pt", RUNS / name / "log.jsonl", mirror)
    if not fresh:
        _resume(trainer, places, EXPORTED / "stage-2", only=("unet",))

    @torch.no_grad()
    def embeddings(prompts: list[str]) -> torch.Tensor:
        return model.embed(text, prompts, device)

    loss_of = stage.loss_function(Pictures(work / "pictures-256"), embeddings, crop, batch, device)
    states = run.watched(
        loop.train(trainer, loss_of, finish_in), trainer, places, minutes, note={"crop": crop}
    )
    with tqdm(unit="step", mininterval=30) as bar:
        for state in states:
            bar.update()
            bar.set_postfix(loss=f"{state.loss:.3f}", seen=state.seen, refresh=False)


@app.command()
def judge(
    epochs: Annotated[int, typer.Option(help="Passes over the training pictures.")] = 6,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    work: Work = WORK,
) -> None:
    """Train the judge of subject and style on the pictures; prints its held-out accuracy."""
    import torch
    from tqdm import tqdm

    from training import judge as module
    from training.pictures import Pictures

    torch.set_num_threads(threads)
    torch.manual_seed(7)
    net = module.Judge().to(memory_format=torch.channels_last)
    train_set, held_out = Pictures(work / "pictures"), Pictures(work / "held-out")
    for state in tqdm(module.train(net, train_set, epochs), unit="step", mininterval=5):
        last = state
    module.save(net, held_out=module.accuracy(net, held_out))
    subject, style = module.accuracy(module.load(), held_out)
    typer.echo(f"loss {last.loss:.3f}; held-out subject {subject:.1%}, style {style:.1%}")


@app.command()
def evaluate(
    seeds: Annotated[int, typer.Option(help="Samples of every subject × style.")] = 1,
    every: Annotated[int, typer.Option(help="Only every n-th subject × style, to be quick.")] = 1,
    pairs: Annotated[int, typer.Option(help="Anagrams and hybrids each, 0 to 20.")] = 20,
    size: Annotated[int, typer.Option(help="Side of the samples.")] = 64,
    folder: Annotated[Path, typer.Option(help="An exported stage I.")] = EXPORTED / "stage-1",
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint in its place.")] = None,
    thresholding: Annotated[bool, typer.Option(help="Dynamic thresholding of x̂_0.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write the table as JSON here.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Device = "cpu",
) -> None:
    """Let the judge look at samples (33 steps, γ = 7, seed 180) and print its table."""
    import dataclasses
    import json

    import numpy as np
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training import evaluate as module
    from training import grammar
    from training import judge as judging

    _prepare(device, threads)
    nets = _average(checkpoint or Path("none"), folder).to(device)
    net = judging.load()
    scenes = list(grammar.single_scenes())[::every]
    rows = []
    ceiling = judging.ceiling()
    if ceiling:
        rows.append(module.Scores("held-out pictures (ceiling)", 0, *ceiling))
    right = []
    bar = tqdm(total=len(scenes) * seeds + 4 * pairs, unit="picture")
    for k in range(seeds):
        more = {"seed": 180 + k, "size": size, "thresholding": thresholding, "device": device}
        for x, ok in module.plain(nets, net, scenes, **more):
            right.append(ok)
            bar.update(len(x))
    share = np.concatenate(right).mean(0)
    name = "plain samples" + (f", every {every}th subject × style" if every > 1 else "")
    rows.append(module.Scores(name, len(scenes) * seeds, *map(float, share)))
    for kind in ("anagram", "hybrid") if pairs else ():
        more = {
            "count": pairs,
            "size": size,
            "device": device,
            "on_batch": lambda n: bar.update(2 * n),
        }
        rows.append(module.two_sided(nets, net, kind, **more)[0])
    bar.close()
    table = Table("", "pictures", "subject", "style", "A", "C", title="The judge's table")
    for r in rows:
        more = [f"{v:.2f}" if v is not None else "" for v in (r.a, r.c)]
        count = str(r.pictures) if r.pictures else ""
        table.add_row(r.name, count, f"{r.subject:.1%}", f"{r.style:.1%}", *more)
    Console().print(table)
    if out is not None:
        out.write_text(json.dumps([dataclasses.asdict(r) for r in rows], indent=1) + "\n")


@app.command()
def enlarging(
    count: Annotated[int, typer.Option(help="Held-out pictures.")] = 24,
    level: Annotated[int, typer.Option(help="Noise level on the small picture.")] = 20,
    folder: Annotated[Path, typer.Option(help="An exported stage II.")] = EXPORTED / "stage-2",
    sheet: Annotated[Path | None, typer.Option(help="Write bicubic, ours, truth here.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the table as JSON here.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Device = "cpu",
    work: Work = WORK,
) -> None:
    """Compare stage II with bicubic enlargement on held-out pictures."""
    import dataclasses
    import json

    import torch
    from rich.console import Console
    from rich.table import Table
    from tqdm import tqdm

    from training import enlarging as module
    from training import export, sheets
    from training.pictures import Pictures

    _prepare(device, threads)
    nets = export.from_folder(folder, device).eval()
    pictures = Pictures(work / "held-out-256")
    done = []
    with tqdm(total=count, unit="picture") as bar:
        for triple in module.batches(nets, pictures, count, level=level, device=device):
            done.append(triple)
            bar.update(len(triple[0]))
    truth, bicubic, made = (torch.cat(parts) for parts in zip(*done, strict=True))
    table = Table("", "PSNR", "SSIM", "edges", title=f"{count} held-out pictures, 64 to 256")
    found = {"bicubic": module.measure(bicubic, truth), "stage II": module.measure(made, truth)}
    for name, m in found.items():
        table.add_row(name, f"{m.psnr:.2f} dB", f"{m.ssim:.4f}", f"{m.edges:.0%}")
    Console().print(table)
    if sheet is not None:
        some = torch.stack([bicubic[:6], made[:6], truth[:6]], 1).flatten(0, 1)
        sheets.sheet(sheets.to_uint8(some), 6).save(sheet, quality=88)
    if out is not None:
        measured = {name: dataclasses.asdict(m) for name, m in found.items()}
        out.write_text(json.dumps({"pictures": count, **measured}, indent=1) + "\n")


@app.command(name="contact-sheet")
def contact_sheet(
    out: Annotated[Path, typer.Argument(help="PNG or JPEG to write.")],
    subjects: Annotated[str, typer.Option(help="Keys, comma-separated; all when empty.")] = "",
    size: Annotated[int, typer.Option(help="Side of the samples.")] = 64,
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 180,
    scale: Annotated[float, typer.Option(help="Guidance γ.")] = 7.0,
    thresholding: Annotated[bool, typer.Option(help="Dynamic thresholding of x̂_0.")] = True,
    folder: Annotated[Path, typer.Option(help="An exported stage I.")] = EXPORTED / "stage-1",
    checkpoint: Annotated[Path | None, typer.Option(help="A checkpoint in its place.")] = None,
    threads: Annotated[int, typer.Option(help="CPU threads.")] = 2,
    device: Device = "cpu",
) -> None:
    """Draw subjects (rows) in every style (columns)."""
    import torch
    from tqdm import tqdm

    from training import evaluate as module
    from training import grammar, sheets

    _prepare(device, threads)
    nets = _average(checkpoint or Path("none"), folder).to(device)
    keys = [k.strip() for k in subjects.split(",") if k.strip()]
    which = [module.index_of(k) for k in keys] or list(range(len(grammar.SUBJECTS)))
    scenes = [grammar.Scene(i, k) for i in which for k in range(len(grammar.STYLES))]
    drawn = []
    for i in tqdm(range(0, len(scenes), 12), unit="batch"):
        part = [grammar.caption(s) for s in scenes[i : i + 12]]
        more = {"size": size, "scale": scale, "thresholding": thresholding, "device": device}
        drawn.append(module.draw(nets, part, [seed] * len(part), **more))
    columns = len(grammar.STYLES) * (2 if len(which) > 8 else 1)
    image = sheets.sheet(sheets.to_uint8(torch.cat(drawn)), columns)
    out.parent.mkdir(parents=True, exist_ok=True)
    image.save(out, **({"quality": 88} if out.suffix.lower() in (".jpg", ".jpeg") else {}))
    typer.echo(f"wrote {out}")


@app.command()
def card(folder: Annotated[Path, typer.Option(help="Of the exported stages.")] = EXPORTED) -> None:
    """Write the model card and the attribution page from what the runs measured."""
    from training import attribution
    from training import card as module

    (folder / "README.md").write_text(module.page())
    (folder / "ATTRIBUTION.md").write_text(attribution.page())
    typer.echo(f"wrote {folder}/README.md and ATTRIBUTION.md")


@app.command(name="all")
def everything(
    minutes: Annotated[
        float, typer.Option(help="For stage I in all; stage II gets a fifth.")
    ] = 480,
    full: Annotated[float, typer.Option(help="Share of scenes of more than one thing.")] = 0.0,
    device: Device = "cpu",
    batch: Annotated[int, typer.Option(help="Pictures in a step; more on a GPU.")] = 32,
    work: Work = WORK,
) -> None:
    """Pictures, judge, stage I (32×32, then 64×64), stage II, export, table."""
    from training import judge as judging

    if not (work / "pictures" / "pictures.npy").exists():
        pictures(full=full, work=work)
    if not (work / "pictures-256" / "pictures.npy").exists():
        pictures(variations=3, full=full, size=256, work=work)
    if not judging.WEIGHTS.exists():
        judge(work=work)
    more = {"batch": batch, "device": device, "work": work}
    stage1(minutes=minutes * 0.6, size=32, **more)
    stage1(minutes=minutes * 0.4, size=64, lr=5e-4, power=0.75, finish_in=minutes * 0.4, **more)
    stage2(minutes=minutes * 0.2, finish_in=minutes * 0.2, device=device, work=work)
    export_(work=work)
    evaluate(out=RUNS / "stage-1" / "table.json", device=device)
    enlarging(out=RUNS / "stage-2" / "table.json", device=device, work=work)
    card()


def _prepare(device: str, threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    if device == "cpu":  # the fused kernel's backward is slower than plain matrix products there
        torch.backends.cuda.enable_flash_sdp(False)


def _resume(trainer, places, exported: Path, only: tuple[str, ...]) -> None:
    """Go on from the newest checkpoint, else from the exported weights, else from nothing."""
    from training import export, loop

    again = [places.checkpoint]
    if places.mirror is not None:
        again.append(places.mirror / places.checkpoint.name)
    found = loop.resume(trainer, *again)
    if found is None and (exported / "unet" / "diffusion_pytorch_model.safetensors").exists():
        stored = export.from_folder(exported)
        for name in only:
            for nets in (trainer.nets, trainer.ema):
                nets[name].load_state_dict(stored[name].state_dict())
        found = exported
    typer.echo(f"goes on from {found or 'nothing'}: step {trainer.step}")


def _average(checkpoint: Path, exported: Path):
    """Averaged stage I networks: of the checkpoint where there is one, else the exported ones."""
    import torch

    from training import export
    from training import stage1 as stage

    if not checkpoint.exists():
        return export.from_folder(exported).eval()
    nets = stage.networks()
    nets.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["ema"])
    return nets.eval().requires_grad_(False)


@app.command(name="export")
def export_(
    work: Work = WORK,
    folder: Annotated[Path, typer.Option(help="Where the two stages' folders go.")] = EXPORTED,
) -> None:
    """Write both stages as folders for stock diffusers, averaged weights, float16."""
    import copy

    import torch

    from training import export as module
    from training import stage2 as second

    one = _average(work / "stage-1.pt", folder / "stage-1")
    two = second.network()
    if (work / "stage-2.pt").exists():
        state = torch.load(work / "stage-2.pt", map_location="cpu", weights_only=True)
        two.load_state_dict(state["ema"])
    elif (folder / "stage-2").exists():
        two["unet"].load_state_dict(module.from_folder(folder / "stage-2")["unet"].state_dict())
    module.stage_1(copy.deepcopy(one["text"]), one["unet"], folder / "stage-1")
    module.stage_2(copy.deepcopy(one["text"]), two["unet"], folder / "stage-2")
    typer.echo(f"wrote {folder}/stage-1 and {folder}/stage-2")


if __name__ == "__main__":
    app()
