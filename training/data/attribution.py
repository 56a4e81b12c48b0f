"""The attribution page of artwork and photographs, from their lists."""

from __future__ import annotations

from training.data.artwork import PACKAGES
from training.data.textures import TEXTURES

HEAD = """\
# Attribution

The pocket model was trained on pictures made from the emoji artwork below: drawings of the
subjects in `training/data/grammar.py`, placed on backgrounds, lit, and filtered into six styles
(`training/data/styles.py`). The artwork itself isn't part of this repository; it's installed from
npm, at the versions below, when the pictures are made. Waterfalls, campfires with people,
fireworks, mountain villages and beets are drawn by `training/data/scenes.py`.

"""

ARTWORK = """\
| package | version | work | author | licence |
|---|---|---|---|---|
"""

PHOTOGRAPHS = """
Crops of these photographs, which come with Python packages, provide the texture of real surfaces:

| photograph | in | author | licence |
|---|---|---|---|
"""

TAIL = """
CC BY 4.0: <https://creativecommons.org/licenses/by/4.0/>. CC BY 2.0:
<https://creativecommons.org/licenses/by/2.0/>. The drawings were scaled, rotated, mirrored,
recoloured, placed on backgrounds, shaded and filtered; the photographs were cropped, scaled,
mirrored, blurred and tinted. Their authors don't endorse this work.
"""

DRAWINGS_ONLY = """
CC BY 4.0: <https://creativecommons.org/licenses/by/4.0/>. The drawings were scaled, rotated,
mirrored, recoloured, placed on backgrounds and filtered. Their authors don't endorse this work.
"""


def page() -> str:
    """ATTRIBUTION.md."""
    taken = [
        f"| {name} | `{p['package']}` {p['version']} | {p['author']} | {p['licence']} |"
        for name, p in TEXTURES.items()
    ]
    return HEAD + _artwork() + PHOTOGRAPHS + "\n".join(taken) + "\n" + TAIL


def of_drawings() -> str:
    """The table and the licences of the artwork, for pictures without photographs."""
    return _artwork() + DRAWINGS_ONLY


def _artwork() -> str:
    drawn = [
        f"| `{name}` | {p['version']} | {p['work']} | {p['author']} | {p['licence']} |"
        for name, p in PACKAGES.items()
    ]
    return ARTWORK + "\n".join(drawn) + "\n"
