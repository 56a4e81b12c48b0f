"""A player: a still picture, and below it, where scripts run, pictures to step through.

It isn't a widget, since widgets need a running kernel and a front end that supports them. A player
is a piece of HTML with its pictures inside. It works in Jupyter, Colab, VS Code and a saved page.
Where scripts don't run (in an untrusted notebook, a preview, a PDF), you still see the still
picture.

The script runs in the still picture's own `onload` and builds the player in a shadow root. So
there are no ids, names or styles that could clash with another output's.
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
        picture: the picture to show; frames may share one.
        caption: shown next to the slider, and read out by screen readers.
        width: of the picture on the page, in CSS pixels.
        transform: a CSS transform for the picture.
        smooth: whether the page may interpolate between pixels.
    """

    picture: Image.Image
    caption: str
    width: int
    transform: str = "none"
    smooth: bool = False


class Player:
    """Pictures to step through. Put it on a cell's last line, or `display` it."""

    def __init__(
        self,
        still: Figure,
        frames: Sequence[Frame],
        label: str,
        start: int = 0,
        milliseconds: int = 150,
        swing: bool = False,
    ) -> None:
        """Make a player.

        Args:
            still: the still picture.
            frames: at least two, in the order of the slider.
            label: what the slider changes.
            start: the initial position.
            milliseconds: how long each frame is shown during playback.
            swing: whether playback goes back and forth.

        Raises:
            ValueError: there are fewer than two frames, or `start` isn't the index of one.
        """
        if len(frames) < 2 or not 0 <= start < len(frames):
            raise ValueError(
                f"A player needs at least two frames, and start must be the index of one; there "
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
        film = {
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
        script = f"({_script()})(this, {json.dumps(film)})"
        alt = f"{self.label}: {', '.join(frame.caption for frame in self._few())}"
        return (
            f'<img alt="{html.escape(alt)}" src="{bytes_to_uri(png)}" '
            f'style="max-width:100%;height:auto" onload="{html.escape(script)}">'
        )

    def _few(self) -> list[Frame]:
        """All frames if there are only a few; otherwise the first and the last."""
        return self.frames if len(self.frames) <= 8 else [self.frames[0], self.frames[-1]]

    def __repr__(self) -> str:
        first, *_, last = (frame.caption for frame in self.frames)
        return f"<Player, {self.label}: {len(self.frames)} pictures, {first!r} to {last!r}>"


@cache
def _script() -> str:
    return Path(__file__).with_name("player.js").read_text(encoding="utf-8").strip()
