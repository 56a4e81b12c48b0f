"""Emoji artwork by several artists, from npm packages, as RGBA pictures.

The packages, their pinned versions, licences and authors are listed in `artwork.json`. They are
installed by npm into `.training/artwork`; none of it is part of this repository.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
_LIST = (HERE / "artwork.json").read_text(encoding="utf-8")
PACKAGES: dict[str, dict[str, str]] = json.loads(_LIST)
SIZE = 256

# Names that older sets use for a character instead of the common one.
OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "👴": ("olderman",),
    "⛄": ("snowman-without-snow", "snowmanwithoutsnow", "snowman"),
    "🐠": ("tropicalfish",),
    "🌼": ("blossom",),
    "🎃": ("jackolantern", "jack-o-lantern"),
    "🎂": ("birthdaycake",),
    "🍰": ("shortcake",),
    "💻": ("laptop-computer", "personalcomputer", "laptop"),
    "💡": ("electriclightbulb", "light-bulb"),
    "🚗": ("automobile",),
    "🍫": ("chocolatebar",),
    "🏠": ("housebuilding", "house"),
    "🏡": ("housewithgarden", "house-with-garden"),
    "🎩": ("tophat",),
    "🍊": ("tangerine",),
    "🍎": ("redapple", "red-apple"),
    "🌳": ("deciduoustree",),
    "⏰": ("alarmclock",),
    "📕": ("closedbook",),
    "⛵": ("sailboat",),
    "🚀": ("rocket",),
    "🐴": ("horseface",),
    "🐱": ("catface", "cat-face"),
    "🐔": ("chicken", "chickenface"),
    "🔥": ("fire",),
    "🏔️": ("snowcappedmountain",),
    "🐦": ("bird-2",),
    "☕": ("hotbeverage", "hot-beverage", "hot-beverage-2"),
    "🐿️": ("chipmunk",),
}

# Drawings that show something different from the others. Found by looking at all of them.
LEFT_OUT: set[tuple[str, str]] = {
    ("noto-v1", "🐔"),
    ("emojione", "🐔"),
    ("fxemoji", "🐦"),
    ("fxemoji", "🐻"),
    ("fxemoji", "⛵"),
    ("streamline", "🏰"),
}


def install(root: Path) -> None:
    """Install the pinned packages below `root`, unless they're there already."""
    modules = root / "node_modules"
    if all((modules / name / "package.json").exists() for name in PACKAGES):
        return
    root.mkdir(parents=True, exist_ok=True)
    (root / "package.json").write_text('{"private": true}\n')
    wanted = [f"{name}@{info['version']}" for name, info in PACKAGES.items()]
    subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted],
        cwd=root,
        check=True,
    )


def codepoints(emoji: str) -> str:
    """Code points without the variation selector: "1f3d4" for a snow-capped mountain."""
    return "-".join(f"{ord(c):x}" for c in emoji if ord(c) != 0xFE0F)


@lru_cache(maxsize=1)
def _sets(root: Path) -> dict[str, dict]:
    modules = root / "node_modules"
    return {
        info["hand"]: json.loads((modules / name / "icons.json").read_text())
        for name, info in PACKAGES.items()
        if name.startswith("@iconify")
    }


@lru_cache(maxsize=1)
def _names(root: Path) -> dict[str, list[str]]:
    """Code points -> all names that the packages have for them."""
    modules = root / "node_modules"
    names: dict[str, list[str]] = {}
    for char, info in json.loads(
        (modules / "unicode-emoji-json" / "data-by-emoji.json").read_text()
    ).items():
        names.setdefault(codepoints(char), []).append(info["slug"].replace("_", "-"))
    for name in PACKAGES:
        chars = modules / name / "chars.json"
        if chars.exists():
            for code, known in json.loads(chars.read_text()).items():
                names.setdefault(code.replace("-fe0f", ""), []).append(known)
    return names


def _svg(icons: dict, emoji: str, candidates: list[str]) -> str | None:
    prefix = f"u{codepoints(emoji).upper()}-"
    by_code = [n for n in icons["icons"] if n.upper().startswith(prefix)]
    # Some sets number their drawings of a thing. Take the first, unless another is named above.
    for name in [*by_code, *candidates, *(f"{name}-1" for name in candidates)]:
        for form in (name, name.replace("-", "")):
            while form in icons.get("aliases", {}):
                form = icons["aliases"][form]["parent"]
            if form in icons["icons"]:
                icon = icons["icons"][form]
                w = icon.get("width", icons.get("width", 16))
                h = icon.get("height", icons.get("height", 16))
                return (
                    f'<svg xmlns="http://www.w3.org/2000/svg" '
                    f'xmlns:xlink="http://www.w3.org/1999/xlink" '
                    f'viewBox="0 0 {w} {h}" width="{SIZE}" height="{SIZE}">{icon["body"]}</svg>'
                )
    return None


def centred(image: Image.Image) -> Image.Image:
    """Crop to the opaque part and centre it in a square with a 4 % margin, RGBA [SIZE, SIZE]."""
    box = image.getchannel("A").point(lambda a: 255 * (a > 16)).getbbox()
    if box is None:
        return image
    image = image.crop(box)
    side = int(max(image.size) * 1.08)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square.resize((SIZE, SIZE), Image.LANCZOS)


def render_svg(svg: str) -> Image.Image:
    """Render an SVG document as RGBA."""
    import resvg_py

    png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def drawings(emoji: str, root: Path) -> dict[str, Image.Image]:
    """All drawings of a character: artist -> RGBA [256, 256], cached below `root`."""
    version = hashlib.sha256(_LIST.encode()).hexdigest()[:12]
    cache = root / f"cache-{version}" / f"{codepoints(emoji)}.npz"
    if cache.exists():
        with np.load(cache) as stored:
            return {
                hand: Image.fromarray(stored[hand], "RGBA")
                for hand in stored.files
                if (hand, emoji) not in LEFT_OUT
            }
    found: dict[str, Image.Image] = {}
    folder = root / "node_modules" / "@lobehub" / "fluent-emoji-3d" / "assets"
    code = codepoints(emoji)
    for name in (code, f"{code}-fe0f"):
        path = folder / f"{name}.webp"
        if path.exists():
            found["fluent-3d"] = centred(Image.open(path).convert("RGBA"))
            break
    candidates = [*_names(root).get(code, []), *OTHER_NAMES.get(emoji, ())]
    for hand, icons in _sets(root).items():
        svg = _svg(icons, emoji, candidates)
        if svg is not None:
            found[hand] = centred(render_svg(svg))
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(cache, **{hand: np.asarray(image) for hand, image in found.items()})
    return {h: image for h, image in found.items() if (h, emoji) not in LEFT_OUT}
