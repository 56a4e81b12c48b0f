"""Pictures to go through with a slider: a still picture, and where scripts run, a player below it.

Why not widgets: those need a running kernel and a front end that knows them. A player is one
piece of HTML with its pictures inside. It works in Jupyter, Colab, VS Code and a saved page.
Where scripts do not run (a notebook that is not trusted yet, a preview, a PDF), the still
picture remains.

The script hangs on the still picture's own `onload` and builds in a shadow root: there are no
ids and no styles or names that could meet those of another output.
"""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from pset._notebook.data_uri import bytes_to_uri, to_uri
from pset.figures import figure_bytes


@dataclass(frozen=True, eq=False)
class Frame:
    """One position of the slider.

    Args:
        picture: shown there; frames may share one.
        caption: said there, also to those who do not see the picture.
        width: on the page, in CSS pixels.
        transform: a CSS transform of the picture.
        smooth: whether the page may smooth pixels.
    """

    picture: Image.Image
    caption: str
    width: int
    transform: str = "none"
    smooth: bool = False


class Player:
    """Show it as the last line of a cell, or with `display`."""

    def __init__(
        self,
        still: Figure,
        frames: Sequence[Frame],
        label: str,
        start: int = 0,
        milliseconds: int = 150,
        swing: bool = False,
    ) -> None:
        """Put a player together.

        Args:
            still: the picture for where nothing moves.
            frames: in the order of the slider, two at least.
            label: what the slider changes.
            start: the position at first.
            milliseconds: for each frame, when it plays by itself.
            swing: whether it then plays back again.

        Raises:
            ValueError: there are fewer than two frames, or `start` is not one of them.
        """
        if len(frames) < 2 or not 0 <= start < len(frames):
            raise ValueError(
                f"A slider needs two pictures or more and begins at one of them; there "
                f"{'is' if len(frames) == 1 else 'are'} {len(frames)}, and start is {start}."
            )
        self.still, self.frames, self.label = still, list(frames), label
        self.start, self.milliseconds, self.swing = start, milliseconds, swing

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str | bytes]:
        png = figure_bytes(self.still)
        return {"text/html": self._html(png), "image/png": png, "text/plain": repr(self)}

    def _html(self, png: bytes) -> str:
        pictures = {id(frame.picture): frame.picture for frame in self.frames}
        numbers = {key: number for number, key in enumerate(pictures)}
        told = {
            "label": self.label,
            "start": self.start,
            "milliseconds": self.milliseconds,
            "swing": self.swing,
            "pictures": [to_uri(picture) for picture in pictures.values()],
            "frames": [
                {
                    "picture": numbers[id(frame.picture)],
                    "caption": frame.caption,
                    "width": frame.width,
                    "height": round(frame.width * frame.picture.height / frame.picture.width),
                    "transform": frame.transform,
                    "smooth": frame.smooth,
                }
                for frame in self.frames
            ],
        }
        script = f"({_script()})(this, {json.dumps(told)})"
        alt = f"{self.label}: {', '.join(frame.caption for frame in self._few())}"
        return (
            f'<img alt="{html.escape(alt)}" src="{bytes_to_uri(png)}" '
            f'style="max-width:100%;height:auto" onload="{html.escape(script)}">'
        )

    def _few(self) -> list[Frame]:
        """First and last, and for a short row those in between."""
        return self.frames if len(self.frames) <= 8 else [self.frames[0], self.frames[-1]]

    def __repr__(self) -> str:
        first, *_, last = (frame.caption for frame in self.frames)
        return f"<Player, {self.label}: {len(self.frames)} pictures, {first!r} to {last!r}>"


@cache
def _script() -> str:
    return Path(__file__).with_name("player.js").read_text(encoding="utf-8").strip()
