"""The course's test photographs: cut from scikit-image's public-domain pictures.

    python -m training.data.photographs

writes `assets/images/*.png` (256 × 256) and `assets/images/README.md`, their provenance.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from skimage import data

from pset.assets import assets_dir

FOLDER = assets_dir() / "images"


@dataclass(frozen=True)
class Photograph:
    """A square cut (top, left, side in pixels) of a picture in `skimage.data`."""

    source: str
    cut: tuple[int, int, int]
    provenance: str


PHOTOGRAPHS = {
    "cat": Photograph(
        "chelsea", (0, 60, 300), "Chelsea the cat, photograph by Stéfan van der Walt, CC0"
    ),
    "coffee": Photograph(
        "coffee",
        (0, 100, 400),
        "A cup of coffee at Pikolo Espresso Bar, photograph by Rachel Michetti, CC0",
    ),
    "rocket": Photograph(
        "rocket", (0, 100, 427), "A Falcon 9 before launch, photograph by SpaceX, public domain"
    ),
    "astronaut": Photograph(
        "astronaut",
        (0, 64, 384),
        "Eileen Collins, NASA Great Images database, public domain",
    ),
}


def main() -> None:
    """Cut, resize and write the photographs and the page that says where they come from."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Test photographs",
        "",
        "Made by `python -m training.data.photographs` from the pictures that ship with "
        "scikit-image.",
        "",
        "| file | picture | in scikit-image |",
        "|---|---|---|",
    ]
    for name, photograph in PHOTOGRAPHS.items():
        top, left, side = photograph.cut
        picture = np.asarray(getattr(data, photograph.source)())
        pixels = picture[top : top + side, left : left + side]
        Image.fromarray(pixels).resize((256, 256), Image.Resampling.LANCZOS).save(
            FOLDER / f"{name}.png", optimize=True
        )
        lines.append(f"| `{name}.png` | {photograph.provenance} | `data.{photograph.source}()` |")
    (FOLDER / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
