"""The attribution page of the artwork, from the packages' list."""

from __future__ import annotations

from training.artwork import PACKAGES

HEAD = """\
# Attribution

The pocket model was trained on pictures made from the emoji artwork below: drawings of the
subjects named in `training/grammar.py`, placed on plain grounds, filtered into six styles
(`training/styles.py`). The artwork itself is not part of this repository; it is installed from
npm, at the versions below, when the pictures are built. Waterfalls, campfires with people,
fireworks and mountain villages are drawn by `training/scenes.py`.

| package | version | work | author | licence |
|---|---|---|---|---|
"""

TAIL = """
CC BY 4.0: <https://creativecommons.org/licenses/by/4.0/>. The drawings were scaled, turned,
mirrored, placed on grounds and filtered; their authors do not endorse this work.
"""


def page() -> str:
    """ATTRIBUTION.md."""
    rows = [
        f"| `{name}` | {p['version']} | {p['work']} | {p['author']} | {p['licence']} |"
        for name, p in PACKAGES.items()
    ]
    return HEAD + "\n".join(rows) + "\n" + TAIL
