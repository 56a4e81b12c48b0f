"""Film the sampling loop: watch it while it runs, and play it afterwards."""

import html
import time
from typing import Any

import torch

from pset._notebook.data_uri import to_uri
from pset._notebook.in_notebook import in_notebook
from pset.figures import publish, rows
from pset.play.player import Frame, Player
from pset.play.tile import tile

SECONDS_BETWEEN = 0.3  # more frequent updates only slow down the loop


class Film:
    """An `after_step` that keeps a copy of every image and changes nothing.

        with pset.Film(x_T, 990) as film:
            x = iterative_denoise(x_T, 0, estimate, alphas_cumprod, after_step=film)

    While the loop runs, you see the current image below the cell. At the end, it's replaced by some
    of the steps in a row, and a player. For a single image, the player has all the steps.
    """

    def __init__(
        self, x_t: torch.Tensor, t: int, every: int = 5, name: str | None = None, scale: int = 3
    ) -> None:
        """Start with the image that the loop starts with.

        Args:
            x_t: the noisy images, `[B, 3, H, W]`; each of them gets a row.
            t: their timestep.
            every: show every n-th step in the row, counted from the end.
            name: see `publish`.
            scale: the size of an image pixel in the player, in screen pixels.
        """
        self.images = [x_t.detach().cpu().clone()]
        self.timesteps = [t]
        self.every, self.name, self.scale = every, name, scale
        self.handle: Any = None
        self.shown_at = 0.0

    def __call__(self, x_t: torch.Tensor, t: int) -> torch.Tensor:
        """Keep a copy, and return the image unchanged."""
        self.images.append(x_t.detach().cpu().clone())
        self.timesteps.append(t)
        now = time.monotonic()
        if self.handle is not None and now - self.shown_at > SECONDS_BETWEEN:
            self.handle.update(self._now(), raw=True)
            self.shown_at = now
        return x_t

    def __enter__(self) -> "Film":
        if in_notebook():
            from IPython.display import DisplayHandle

            self.handle = DisplayHandle()
            self.handle.display(self._now(), raw=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *about: object) -> None:
        if kind is not None or len(self.images) < 2:
            # The error is shown below; half a film would only distract from it.
            if self.handle is not None:
                self.handle.update({}, raw=True)
            return
        player = self.player()
        if self.handle is not None:
            self.handle.update(player)

    def player(self) -> Player:
        """A player with a still picture of every `every`-th step.

        Raises:
            ValueError: the loop hasn't taken any steps yet.
        """
        last = len(self.images) - 1
        few = [k for k in range(last + 1) if k == 0 or (last - k) % self.every == 0]
        captions = [f"t = {t}" for t in self.timesteps]
        count = len(self.images[0])
        figure = rows(
            [[self.images[k][b] for k in few] for b in range(count)],
            [[captions[k] for k in few], *[[]] * (count - 1)],
            scale=1.2,
        )
        # Noise doesn't compress. With all steps of several images, the page would get too large.
        kept = range(last + 1) if count == 1 else few
        frames = []
        for k in kept:
            picture = tile(self.images[k])
            frames.append(Frame(picture, captions[k], self.scale * picture.width))
        return Player(publish(figure, self.name), frames, "step", start=len(frames) - 1)

    def _now(self) -> dict[str, str]:
        picture = tile(self.images[-1])
        caption = f"t = {self.timesteps[-1]}"
        return {
            "text/html": (
                f'<img alt="{html.escape(caption)}" src="{to_uri(picture)}" '
                f'style="image-rendering:pixelated;max-width:100%;'
                f'width:{self.scale * picture.width}px"><br>{html.escape(caption)}'
            ),
            "text/plain": caption,
        }
