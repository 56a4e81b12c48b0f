"""Turn pictures into `data:` URIs for a page to show, and URIs from a page into pictures."""

import base64
import binascii
import io

import torch
from PIL import Image

from pset.images import from_pil

MAX_LENGTH = 8_000_000
"""The longest URI that's read, in characters: far longer than a drawing's."""
MAX_SIDE = 4096
"""The largest height or width of a picture that's read, in pixels."""


def to_uri(picture: Image.Image) -> str:
    """`PIL.Image` → `data:image/png;base64,…`."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return bytes_to_uri(buffer.getvalue())


def bytes_to_uri(png: bytes) -> str:
    """The bytes of a PNG file → `data:image/png;base64,…`."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def from_uri(uri: str) -> torch.Tensor:
    """`data:image/png;base64,…` → float32 `[1, 3, H, W]` in [-1, 1]; transparency becomes white.

    Raises:
        ValueError: it isn't such a URI, it's too long, or it doesn't contain a PNG; says which.
    """
    if not isinstance(uri, str) or not uri.startswith("data:image/png;base64,"):
        raise ValueError("A drawing has to start with 'data:image/png;base64,'.")
    if len(uri) > MAX_LENGTH:
        raise ValueError(
            f"The drawing has {len(uri):,} characters; the limit is {MAX_LENGTH:,} characters."
        )
    try:
        data = base64.b64decode(uri.split(",", 1)[1], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"The drawing was damaged on its way here: {error}.") from error
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if max(picture.size) > MAX_SIDE:
                raise ValueError(f"it has {picture.width} × {picture.height} pixels")
            picture.load()
            return from_pil(picture)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"The drawing can't be read as a PNG: {error}.") from error
