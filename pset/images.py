"""Read and write images: files ↔ float tensors `[1, 3, H, W]` in [-1, 1]."""

import difflib
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from pset.assets import assets_dir

PHOTOGRAPHS, SCENES = "images", "images/scenes"  # folders of the assets


def from_pil(picture: Image.Image) -> torch.Tensor:
    """`PIL.Image` → float32 `[1, 3, H, W]` in [-1, 1]; transparency becomes white."""
    rgba = picture.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    pixels = np.asarray(Image.alpha_composite(white, rgba).convert("RGB"), dtype=np.float32)
    return torch.from_numpy(pixels / 127.5 - 1).permute(2, 0, 1)[None].contiguous()


def to_pil(image: torch.Tensor) -> Image.Image:
    """`[3, H, W]` or `[1, 3, H, W]` in [-1, 1] → `PIL.Image`; other values are clipped."""
    image = image.detach().cpu().float()
    if image.ndim == 4 and image.shape[0] == 1:
        image = image[0]
    if image.ndim != 3 or image.shape[0] not in (1, 3):
        raise ValueError(
            f"to_pil needs one image, [3, H, W] or [1, 3, H, W]; this is {list(image.shape)}. "
            "Convert the images of a batch one by one."
        )
    image = image.expand(3, -1, -1)
    pixels = ((image.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())


def resize(image: torch.Tensor, size: int) -> torch.Tensor:
    """Resize `[B, 3, H, W]` to `size` × `size` pixels, with antialiasing; clips to [-1, 1]."""
    return torch.nn.functional.interpolate(
        image, size=(size, size), mode="bicubic", antialias=True, align_corners=False
    ).clamp(-1, 1)


def read_image(path: str | Path, size: int | None = 64) -> torch.Tensor:
    """Read a picture, crop it to its central square, and resize it.

    Args:
        path: a PNG, JPEG, WebP… file.
        size: height and width of the result, in pixels; None returns the whole picture as it is.

    Returns:
        float32 `[1, 3, size, size]` in [-1, 1].

    Raises:
        FileNotFoundError: there's no such file; suggests the closest name in that folder.
        ValueError: Pillow can't read the file as a picture.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        there = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        close = difflib.get_close_matches(path.name, there, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise FileNotFoundError(f"There's no picture {path}.{hint}")
    try:
        with Image.open(path) as picture:
            picture.load()
            image = from_pil(picture)
    except (UnidentifiedImageError, OSError) as error:
        raise ValueError(f"{path} can't be read as a picture: {error}") from error
    if size is None:
        return image
    side = min(image.shape[-2:])
    top, left = ((n - side) // 2 for n in image.shape[-2:])
    return resize(image[..., top : top + side, left : left + side], size)


def save_image(image: torch.Tensor, path: str | Path) -> Path:
    """Save one image, `[3, H, W]` or `[1, 3, H, W]` in [-1, 1]. Creates folders as needed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    to_pil(image).save(path)
    return path


def photo_names() -> list[str]:
    """The names of the photographs that come with the course. Pass one to `photo`."""
    return _names(PHOTOGRAPHS)


def photo(name: str = "cat", size: int = 64) -> torch.Tensor:
    """Load one of the course's photographs (public domain, see `assets/images/README.md`).

    Args:
        name: one of `photo_names()`.
        size: height and width in pixels, at most 256.

    Returns:
        float32 `[1, 3, size, size]` in [-1, 1].
    """
    return _picture(PHOTOGRAPHS, "photograph", name, size)


def scene_names() -> list[str]:
    """The names of the scenes that come with the course. Pass one to `scene`."""
    return _names(SCENES)


def scene(name: str = "robot", size: int = 64) -> torch.Tensor:
    """Load a picture of the world that the pocket model knows; it hasn't been trained on it.

    See `assets/images/scenes/README.md`.

    Args:
        name: one of `scene_names()`.
        size: height and width in pixels, at most 256.

    Returns:
        float32 `[1, 3, size, size]` in [-1, 1].
    """
    return _picture(SCENES, "scene", name, size)


def _names(folder: str) -> list[str]:
    return sorted(p.stem for p in (assets_dir() / folder).glob("*.png"))


def _picture(folder: str, kind: str, name: str, size: int) -> torch.Tensor:
    names = _names(folder)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"There's no {kind} {name!r}.{hint} The {kind}s are {', '.join(names)}.")
    return read_image(assets_dir() / folder / f"{name}.png", size)
