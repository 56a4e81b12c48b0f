"""The pictures in a notebook's outputs: decoded in the sandbox, within limits, to pixels.

A picture that is shown to somebody is one that has been drawn anew from its pixels. SVG and HTML
are ignored.
"""

import base64
import io
from typing import Any

from PIL import Image

from autograder.submission.read import joined

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
MAX_BYTES = 30 << 20
MAX_PIXELS = 30_000_000
MAX_SIDE = 20_000


def picture_in(bundle: dict[str, Any]) -> tuple[str, str] | None:
    """The format and the base64 text of an output's picture, if it has one."""
    for kind, name in FORMATS.items():
        if kind in bundle:
            text = joined(bundle[kind])
            return (name, text) if len(text) <= MAX_BYTES else None
    return None


def decode(text: str, name: str, width: int) -> Image.Image | None:
    """A picture from base64: RGB on white, at most `width` wide and four times that high.

    None if it can't be read or is too large.
    """
    try:
        with Image.open(io.BytesIO(base64.b64decode(text)), formats=[name]) as file:
            if file.width * file.height > MAX_PIXELS or max(file.size) > MAX_SIDE:
                return None  # known from the header, without reading any pixels
            size = _within(file.size, width)
            file.draft("RGB", size)  # decodes a JPEG at a fraction of its size if that's enough
            return _on_white(file, size)
    except Exception:  # on damaged files, Pillow's decoders raise all kinds of errors
        return None


def _on_white(file: Image.Image, size: tuple[int, int]) -> Image.Image:
    has_alpha = "A" in file.getbands() or "transparency" in file.info
    if file.mode not in ("RGB", "RGBA", "L"):
        file = file.convert("RGBA" if has_alpha else "RGB")
    if file.size != size:
        file = file.resize(size, Image.Resampling.LANCZOS, reducing_gap=2)
    if not has_alpha:
        return file.convert("RGB")
    file = file.convert("RGBA")
    paper = Image.new("RGB", size, "white")
    paper.paste(file, mask=file.getchannel("A"))
    return paper


def _within(size: tuple[int, int], width: int) -> tuple[int, int]:
    """The size on a page: as wide as that at most, and no endless strip."""
    scale = min(1.0, width / size[0], 4 * width / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
