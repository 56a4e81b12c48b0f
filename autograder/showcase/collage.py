"""Put figures of several notebooks into one picture."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from autograder.course.figures import FIGURES
from autograder.errors import CommandError

ROWS = (
    (
        ("Guide samples with a prompt", "03_guidance/1.6_samples"),
        ("Make visual anagrams", "06_visual_anagrams/1.9_chosen"),
    ),
    (
        ("Denoise in one step", "01_denoising/1.3_one_step"),
        ("Turn photographs and drawings into something else", "04_image_to_image/1.7_prompts"),
        ("Upsample to 256 × 256", "08_upsampling/1.11_stage_2"),
    ),
    (
        ("Fill in a hole", "05_inpainting/1.8_chosen"),
        ("Make hybrids that change with distance", "07_hybrid_images/1.10_chosen"),
    ),
)
"""What the figures show, and which they are, row by row."""

GAP, CAPTION = 16, 24  # pixels


def collage(
    folder: Path = FIGURES,
    rows: Sequence[Sequence[tuple[str, str]]] = ROWS,
    width: int = 1200,
) -> Image.Image:
    """Lay out figures in rows. All figures of a row have the same height, and each row is full.

    Args:
        folder: of the figures.
        rows: for each row, captions and figures (`assignment/name`).
        width: of the picture, in pixels.

    Raises:
        CommandError: a figure is missing.
    """
    strips = [_row([(text, _figure(folder, name)) for text, name in row], width) for row in rows]
    height = sum(strip.height for strip in strips) + GAP * (len(strips) - 1)
    picture = Image.new("RGB", (width, height), "white")
    top = 0
    for strip in strips:
        picture.paste(strip, (0, top))
        top += strip.height + GAP
    return picture


def _figure(folder: Path, name: str) -> Image.Image:
    path = folder / f"{name}.png"
    if not path.is_file():
        raise CommandError(f"There's no figure {path}. Run `make figures` to draw it.")
    with Image.open(path) as figure:
        return figure.convert("RGB")


def _row(figures: Sequence[tuple[str, Image.Image]], width: int) -> Image.Image:
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 15)
    room = width - GAP * (len(figures) - 1)
    height = round(room / sum(figure.width / figure.height for _, figure in figures))
    strip = Image.new("RGB", (width, height + CAPTION), "white")
    pen = ImageDraw.Draw(strip)
    left = 0
    for text, figure in figures:
        size = round(figure.width * height / figure.height), height
        pen.text((left, 0), text, font=font, fill="#1f2328")
        strip.paste(figure.resize(size, Image.Resampling.LANCZOS), (left, CAPTION))
        left += size[0] + GAP
    return strip
