"""Show tensors as pictures: rows with captions, and film strips.

The call that shows a figure also saves it: if the environment variable `PSET_FIGURES` names a
folder, a call with a `name` writes `<name>.png` there. That's how `make figures` works.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import torch
from matplotlib.figure import Figure

from pset.images import to_pil

matplotlib.rcParams["svg.hashsalt"] = "pset"


class Picture(Figure):
    """A figure that a notebook can display without pyplot."""

    def _repr_png_(self) -> bytes:
        return figure_bytes(self)


Images = torch.Tensor | Sequence[torch.Tensor]


def _as_list(images: Images) -> list[torch.Tensor]:
    """Turn a batch, or a sequence of images and batches, into a list of `[3, H, W]` tensors."""
    if isinstance(images, torch.Tensor):
        images = [images]
    flat: list[torch.Tensor] = []
    for image in images:
        if image.ndim not in (3, 4):
            raise ValueError(
                f"Images must be [3, H, W] or [B, 3, H, W]; one of these is {list(image.shape)}."
            )
        flat.extend(image if image.ndim == 4 else [image])
    return flat


def rows(
    images: Sequence[Images],
    captions: Sequence[Sequence[str]] | None = None,
    row_titles: Sequence[str] | None = None,
    scale: float = 1.5,
) -> Figure:
    """Show several rows of images in one figure.

    Args:
        images: one entry per row: a batch, or a sequence of images, in [-1, 1].
        captions: one list of captions per row, shown above the images.
        row_titles: one title per row, shown to the left of it.
        scale: the height and width of an image, in inches.
    """
    grid = [_as_list(row) for row in images]
    columns = max(len(row) for row in grid)
    # Captions need space above their row: at the top of the figure, or between two rows.
    captions = captions or [[]] * len(grid)
    above = 0.28 if any(captions[0]) else 0.02
    between = 0.28 if any(any(row) for row in captions[1:]) else 0.05
    left = 1.2 if row_titles else 0.0
    height = above + len(grid) * scale + (len(grid) - 1) * between
    figure = Picture(figsize=(columns * (scale + 0.05) + left, height), dpi=110)
    axes = figure.subplots(len(grid), columns, squeeze=False)
    for r, row in enumerate(grid):
        for c, axis in enumerate(axes[r]):
            axis.set_xticks([])
            axis.set_yticks([])
            axis.set_frame_on(False)
            if c < len(row):
                # Nearest neighbour: you should see the image's own pixels, not matplotlib's.
                axis.imshow(to_pil(row[c]), interpolation="nearest")
                if c < len(captions[r]):
                    axis.set_title(captions[r][c], fontsize=8, pad=3)
        if row_titles:
            axes[r][0].set_ylabel(
                row_titles[r], rotation=0, ha="right", va="center", fontsize=8, labelpad=6
            )
    figure.subplots_adjust(
        left=left / figure.get_figwidth(),
        right=1,
        bottom=0,
        top=1 - above / height,
        wspace=0.04,
        hspace=between / scale,
    )
    return figure


def show(
    images: Images,
    captions: Sequence[str] | None = None,
    name: str | None = None,
    scale: float = 1.5,
) -> Figure:
    """Show one row of images with captions. For the arguments see `rows`, for `name` `publish`."""
    return publish(rows([images], [list(captions or [])], scale=scale), name)


def publish(figure: Figure, name: str | None) -> Figure:
    """Return `figure`, after saving it as `$PSET_FIGURES/<name>.png` if that variable is set."""
    path = published_as(name)
    if path is not None:
        save_figure(figure, path)
    return figure


def published_as(name: str | None) -> Path | None:
    """Where a figure of this name is saved; None without a name, or if nobody asks for figures."""
    folder = os.environ.get("PSET_FIGURES")
    return Path(folder) / f"{name}.png" if folder and name else None


def save_figure(figure: Figure, path: str | Path) -> Path:
    """Write a figure as PNG: on the same machine, the same bytes every time."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(figure_bytes(figure))
    return path


def figure_bytes(figure: Figure) -> bytes:
    """A figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    # Without metadata, since matplotlib's version would change the bytes.
    figure.savefig(
        buffer, format="png", metadata={"Software": None}, bbox_inches="tight", pad_inches=0.05
    )
    return buffer.getvalue()
