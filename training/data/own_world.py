"""Pictures of the pocket model's own world, for students to edit: held-out ones, at 256 × 256.

What it has learned from can be edited more convincingly than a photograph. The drawings in these
are all from one set, under the MIT licence.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from pset.assets import assets_dir
from training.data import grammar, pictures, stream
from training.data.artwork import PACKAGES

FOLDER = assets_dir() / "images" / "scenes"

SCENES = {"robot": 5214, "horse": 5306, "rider": 5222}
"""Which of the held-out pictures they are."""

SET = "@iconify-json/fluent-emoji"

PAGE = """\
# Scenes from the pocket model's own world

Made by `python -m training scenes`, the way its training pictures are made; it has never seen
these. The drawings are {work} by {author} ({licence}), scaled, mirrored, shaded and placed on
backgrounds; the gravel is `skimage.data.gravel()`, CC0.

| file | picture |
|---|---|
"""


def write(root: Path, folder: Path = FOLDER) -> list[Path]:
    """Draw them with the artwork in `root`, and write the page that says where they come from."""
    folder.mkdir(parents=True, exist_ok=True)
    page, files = PAGE.format(**PACKAGES[SET]), []
    for name, which in SCENES.items():
        number = stream.HELD_OUT + which
        scene = stream.scene(number)
        files.append(folder / f"{name}.png")
        picture = pictures.picture(scene, number, root, 256)
        Image.fromarray(picture).save(files[-1], optimize=True)
        page += f"| `{name}.png` | {grammar.caption(scene)}, held-out picture {which} |\n"
    (folder / "README.md").write_text(page, encoding="utf-8")
    return files
