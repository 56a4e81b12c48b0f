"""A drawing board in a notebook.

The drawing gets from the page to Python in one of three ways: in Colab, by its own calls into the
kernel; in Jupyter and VS Code, through a widget (anywidget, in the `laptop` extra); and everywhere
else, as a file that the page saves and `load` reads. If nobody draws, for example because the
notebook is run from the command line, you get the board's initial drawing.
"""

import html
import itertools
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from pset._notebook.data_uri import from_uri, to_uri
from pset._notebook.in_notebook import in_notebook
from pset.images import read_image, resize, to_pil

SIDE = 256  # height and width of the board, in pixels

_numbers = itertools.count()


class DrawingBoard:
    """A board to draw on: put it on a cell's last line, or `display` it. Then call `image()`."""

    def __init__(self, start: torch.Tensor) -> None:
        """Set up a board with an initial drawing.

        Args:
            start: a square image, `[3, H, W]` or `[1, 3, H, W]` in [-1, 1].

        Raises:
            ValueError: it isn't one square image.
        """
        picture = to_pil(start)
        if picture.width != picture.height:
            raise ValueError(
                f"The board needs a square image; this one has {picture.width} × {picture.height} "
                "pixels."
            )
        self._start = start.detach().reshape(1, *start.shape[-3:])
        self._start_picture = picture
        self._drawn: str | torch.Tensor | None = None
        self._widget: Any = None

    def image(self, size: int = 64) -> torch.Tensor:
        """What's on the board: the last drawing or file, or else the initial drawing.

        Args:
            size: height and width of the result, in pixels.

        Returns:
            float32 `[1, 3, size, size]` in [-1, 1], on the CPU.

        Raises:
            ValueError: the page has sent something that isn't a picture.
        """
        drawn = from_uri(self._drawn) if isinstance(self._drawn, str) else self._drawn
        image = self._start.cpu() if drawn is None else drawn
        return image if image.shape[-1] == size else resize(image, size)

    def load(self, path: str | Path) -> None:
        """Load a picture from a file onto the board, cropped to its central square.

        Raises:
            FileNotFoundError, ValueError: see `read_image`.
        """
        self._drawn = read_image(path, SIDE)

    def _now(self) -> str:
        """What's on the board, as a URI for the page."""
        drawn = self._drawn is not None
        picture = to_pil(self.image(SIDE)) if drawn else self._start_picture
        return to_uri(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC))

    def _receive(self, uri: str) -> None:
        """Store what the page sends. `image` decodes it, since errors here wouldn't be shown."""
        self._drawn = uri

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        if "google.colab" in sys.modules:
            return self._as_html(f"(uri) => {_COLAB}({json.dumps(self._register())}, [uri], {{}})")
        if in_notebook() and _widget_class() is not None:
            if self._widget is None:
                self._widget = _widget_class()(start=self._now())
                self._widget.observe(lambda change: self._receive(change["new"]), "drawing")
            bundle = self._widget._repr_mimebundle_()
            bundle = bundle[0] if isinstance(bundle, tuple) else bundle
            return {**bundle, "text/plain": repr(self)}
        return self._as_html("null")

    def _as_html(self, send: str) -> dict[str, str]:
        # As in the player, the script runs in the image's own onload, so nothing needs an id.
        script = (
            "if (!this.hidden) { this.hidden = true; const host = document.createElement('div'); "
            f"this.after(host); ({_script()})(host, this.src, {send}); }}"
        )
        page = f'<img alt="the initial drawing" src="{self._now()}" onload="{html.escape(script)}">'
        return {"text/html": page, "text/plain": repr(self)}

    def _register(self) -> str:
        """Register `_receive` as a Colab callback, and return its name."""
        from google.colab import output

        name = f"pset.board.{next(_numbers)}"
        output.register_callback(name, self._receive)
        return name

    def __repr__(self) -> str:
        state = "the initial drawing" if self._drawn is None else "your drawing"
        return f"<DrawingBoard: {state}>"


_COLAB = "google.colab.kernel.invokeFunction"


@cache
def _script() -> str:
    return Path(__file__).with_name("board.js").read_text(encoding="utf-8").strip()


@cache
def _widget_class() -> type | None:
    """The board as a widget; None if anywidget isn't installed."""
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None

    class BoardWidget(anywidget.AnyWidget):
        _esm = f"""
            const board = {_script()};
            export default {{ render: ({{ model, el }}) => {{
                const host = document.createElement("div");
                el.append(host);
                board(host, model.get("drawing") || model.get("start"), (uri) => {{
                    model.set("drawing", uri);
                    model.save_changes();
                }});
            }} }};
        """
        start = traitlets.Unicode().tag(sync=True)
        drawing = traitlets.Unicode().tag(sync=True)

    return BoardWidget
