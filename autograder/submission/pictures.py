"""The pictures in a submitted notebook's outputs: decoded with limits, never passed on as bytes.

A picture that is shown to somebody is one that Pillow has drawn anew from the pixels. SVG and HTML
are ignored.
"""

import base64
import io
from collections.abc import Iterator
from typing import Any

from PIL import Image

from autograder.submission.read import joined

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG"}
MAX_BYTES = 30 << 20
MAX_PIXELS = 30_000_000
MAX_SIDE = 20_000


def pictures_of(cell: dict[str, Any]) -> Iterator[Image.Image]:
    """The pictures that a code cell shows, in order; what cannot be read is left out."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        picture = picture_in(output)
        if picture is not None:
            yield picture


def picture_in(output: Any) -> Image.Image | None:
    """The picture of one output, if it has one."""
    data = output.get("data") if isinstance(output, dict) else None
    if not isinstance(data, dict):
        return None
    for kind, name in FORMATS.items():
        if kind in data:
            return _decode(joined(data[kind]), name)
    return None


def as_png(picture: Image.Image, width: int) -> bytes:
    """The picture as a PNG, no wider than `width`."""
    buffer = io.BytesIO()
    _narrowed(picture, width).save(buffer, "PNG")
    return buffer.getvalue()


def as_jpeg(picture: Image.Image, width: int, quality: int = 88) -> bytes:
    """The picture as a JPEG, no wider than `width`."""
    buffer = io.BytesIO()
    _narrowed(picture, width).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _decode(text: str, name: str) -> Image.Image | None:
    if len(text) > MAX_BYTES:
        return None
    try:
        data = base64.b64decode(text)
        with Image.open(io.BytesIO(data), formats=[name]) as file:  # reads the header only
            if file.width * file.height > MAX_PIXELS or max(file.size) > MAX_SIDE:
                return None
            picture = file.convert("RGBA")
    except Exception:  # Pillow's decoders raise whatever a damaged file leads them to
        return None
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)
