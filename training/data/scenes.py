"""Subjects that have no emoji, drawn as SVG.

Each function takes a generator and returns an SVG document of 256×256. Those in `FULL` cover the
whole picture; the others have a transparent background.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

FULL = frozenset({"waterfalls", "village", "fireworks"})


def _svg(body: str, defs: str = "") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
        f"<defs>{defs}</defs>{body}</svg>"
    )


def _gradient(name: str, top: str, bottom: str) -> str:
    return (
        f'<linearGradient id="{name}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" '
        f'stop-color="{top}"/><stop offset="1" stop-color="{bottom}"/></linearGradient>'
    )


def _pick(rng: np.random.Generator, *choices: str) -> str:
    return choices[int(rng.integers(len(choices)))]


def _person(x: float, y: float, s: float, coat: str, skin: str, hair: str) -> str:
    """A seated person; `(x, y)` is the middle of its base, and `s` its scale."""
    return (
        f'<g transform="translate({x:.1f} {y:.1f}) scale({s:.2f})">'
        f'<path d="M-34 0 Q-36 -58 0 -62 Q36 -58 34 0 Z" fill="{coat}"/>'
        f'<circle cx="0" cy="-80" r="24" fill="{skin}"/>'
        f'<path d="M-25 -80 A25 25 0 0 1 25 -80 Q0 -96 -25 -80 Z" fill="{hair}"/></g>'
    )


def _flame(x: float, y: float, w: float, h: float, colour: str) -> str:
    return (
        f'<path d="M{x:.0f} {y - h:.0f} Q{x + w * 0.2:.0f} {y - h * 0.6:.0f} {x + w:.0f} '
        f"{y - h * 0.25:.0f} Q{x + w:.0f} {y:.0f} {x:.0f} {y:.0f} Q{x - w:.0f} {y:.0f} {x - w:.0f} "
        f'{y - h * 0.3:.0f} Q{x - w * 0.4:.0f} {y - h * 0.5:.0f} {x:.0f} {y - h:.0f} Z" '
        f'fill="{colour}"/>'
    )


def campfire(rng: np.random.Generator) -> str:
    """Three or four people sitting around a fire."""
    coats = ["#2f5d9b", "#3c7d4f", "#7a4a9b", "#b3452f", "#4b4f5c", "#2f8c8c", "#a06a2c"]
    skins = ["#f2c79b", "#d9a06c", "#a86f43", "#f5d3b3"]
    hairs = ["#3b2a20", "#6b4423", "#1f1f24", "#c78b3b"]
    rng.shuffle(coats)
    four = rng.random() < 0.5
    behind = [(92, 168, 0.72), (164, 168, 0.72)] if four else [(128, 160, 0.78)]
    front = [(48, 214, 1.0), (208, 214, 1.0)]

    def person(i: int, at: tuple[float, float, float]) -> str:
        jitter = rng.uniform(-4, 4, 2)
        return _person(
            at[0] + jitter[0], at[1] + jitter[1], at[2], coats[i], _pick(rng, *skins),
            _pick(rng, *hairs),
        )  # fmt: skip

    h = rng.uniform(88, 116)
    body = '<ellipse cx="128" cy="216" rx="122" ry="26" fill="#5a4632"/>'
    body += "".join(person(i, at) for i, at in enumerate(behind))
    body += '<g stroke="#6b3f1d" stroke-width="13" stroke-linecap="round">'
    body += '<path d="M92 226 L164 206"/><path d="M164 226 L92 206"/></g>'
    body += _flame(128, 218, 36, h, "#f0641e")
    body += _flame(128 + rng.uniform(-5, 5), 218, 25, h * 0.72, "#fba026")
    body += _flame(128, 218, 14, h * 0.42, "#ffe36b")
    body += "".join(person(i + 2, at) for i, at in enumerate(front))
    return _svg(body)


def waterfalls(rng: np.random.Generator) -> str:
    """Water falling between cliffs into a pool, under a bright sky."""
    rock, dark = [("#7d6a58", "#5a4a3d"), ("#6f7680", "#4c525b"), ("#86715a", "#5d4c38")][
        int(rng.integers(3))
    ]
    green = _pick(rng, "#4f8a45", "#3f7d4d", "#6c9a3c")
    defs = _gradient("sky", _pick(rng, "#8fc7ef", "#a9d4f5", "#b9cfe6"), "#e8f4fb")
    defs += _gradient("water", "#f4fbff", "#9fd3ee")
    top = rng.uniform(52, 78)
    left, right = rng.uniform(66, 92), rng.uniform(164, 190)
    body = '<rect width="256" height="256" fill="url(#sky)"/>'
    body += f'<rect y="{top}" width="256" height="{256 - top}" fill="{dark}"/>'
    body += f'<path d="M{left} {top} H{right} L{right + 8} 220 H{left - 8} Z" fill="url(#water)"/>'
    for _ in range(7):
        x = rng.uniform(left + 4, right - 4)
        y = rng.uniform(top + 4, top + 50)
        body += (
            f'<path d="M{x:.0f} {y:.0f} V{rng.uniform(150, 214):.0f}" '
            f'stroke="{_pick(rng, "#6fb4dc", "#ffffff", "#89c4e6")}" '
            f'stroke-width="{rng.uniform(3, 7):.0f}" stroke-linecap="round"/>'
        )
    cliff = rng.uniform(-10, 10, 6)
    body += (
        f'<path d="M0 {top - 12 + cliff[0]:.0f} H{left:.0f} L{left - 6 + cliff[1]:.0f} 120 '
        f'L{left + cliff[2]:.0f} 170 L{left - 14:.0f} 230 H0 Z" fill="{rock}"/>'
        f'<path d="M256 {top - 12 + cliff[3]:.0f} H{right:.0f} L{right + 6 + cliff[4]:.0f} 120 '
        f'L{right + cliff[5]:.0f} 170 L{right + 14:.0f} 230 H256 Z" fill="{rock}"/>'
    )
    for x0, x1 in ((-6, left + 4), (right - 4, 262)):
        for x in np.linspace(x0, x1, 4):
            r = rng.uniform(13, 24)
            body += f'<circle cx="{x:.0f}" cy="{top - 8:.0f}" r="{r:.0f}" fill="{green}"/>'
    body += '<rect y="212" width="256" height="44" fill="#3f93bd"/>'
    for _ in range(9):
        x = rng.uniform(left - 22, right + 22)
        body += (
            f'<ellipse cx="{x:.0f}" cy="{rng.uniform(206, 224):.0f}" '
            f'rx="{rng.uniform(12, 24):.0f}" ry="{rng.uniform(6, 11):.0f}" fill="#f2faff"/>'
        )
    return _svg(body, defs)


def _house(x: float, y: float, s: float, wall: str, rng: np.random.Generator) -> str:
    light = _pick(rng, "#ffd76b", "#ffe9a8", "#f7c04a")
    return (
        f'<g transform="translate({x:.0f} {y:.0f}) scale({s:.2f})">'
        f'<rect x="-26" y="-36" width="52" height="36" fill="{wall}"/>'
        f'<path d="M-34 -34 L0 -66 L34 -34 Z" fill="#fbfdff" stroke="#9fb4c8" stroke-width="3"/>'
        f'<rect x="-17" y="-26" width="13" height="13" fill="{light}"/>'
        f'<rect x="5" y="-24" width="12" height="24" fill="#5b3a24"/></g>'
    )


def village(rng: np.random.Generator) -> str:
    """Houses with snow on their roofs, below snowy mountains."""
    defs = _gradient("sky", _pick(rng, "#6fa8dc", "#86b6e0", "#5d8fc9", "#8a9fd0"), "#e3eefb")
    body = '<rect width="256" height="256" fill="url(#sky)"/>'
    slope = _pick(rng, "#6d7f99", "#7c8794", "#5c6f8c")
    peaks = [
        (rng.uniform(30, 80), rng.uniform(40, 66)),
        (rng.uniform(165, 225), rng.uniform(34, 62)),
        (rng.uniform(105, 150), rng.uniform(58, 84)),
    ]
    for x, y in peaks:
        w = rng.uniform(95, 125)
        body += f'<path d="M{x - w:.0f} 190 L{x:.0f} {y:.0f} L{x + w:.0f} 190 Z" fill="{slope}"/>'
        k = 0.42
        dx, dy = w * k, (190 - y) * k
        body += (
            f'<path d="M{x - dx:.0f} {y + dy:.0f} L{x:.0f} {y:.0f} L{x + dx:.0f} {y + dy:.0f} '
            f"L{x + dx * 0.4:.0f} {y + dy * 0.75:.0f} L{x:.0f} {y + dy * 1.05:.0f} "
            f'L{x - dx * 0.45:.0f} {y + dy * 0.75:.0f} Z" fill="#ffffff"/>'
        )
    body += '<path d="M0 176 Q64 154 128 172 T256 166 V256 H0 Z" fill="#eef4fb"/>'
    for x in (rng.uniform(8, 22), rng.uniform(232, 250), rng.uniform(118, 138)):
        y = rng.uniform(178, 190)
        body += (
            f'<path d="M{x - 15:.0f} {y:.0f} L{x:.0f} {y - 50:.0f} L{x + 15:.0f} {y:.0f} Z" '
            'fill="#2f5d4a"/>'
        )
    walls = ["#a5623a", "#b5483a", "#8a6a4a", "#c98a4b"]
    rng.shuffle(walls)
    for i, (x, y, s) in enumerate(((70, 196, 0.95), (186, 192, 0.95), (126, 236, 1.2))):
        body += _house(x + rng.uniform(-12, 12), y + rng.uniform(-5, 5), s, walls[i], rng)
    return _svg(body, defs)


def fireworks(rng: np.random.Generator) -> str:
    """Bursts of light on a night sky."""
    defs = _gradient("sky", _pick(rng, "#0d1440", "#141033", "#0a1a3f"), "#2b2c66")
    body = '<rect width="256" height="256" fill="url(#sky)"/>'
    colours = ["#ffd24a", "#ff5a5a", "#6be0ff", "#ff8ad8", "#8cff8a", "#ffa03c"]
    rng.shuffle(colours)
    centres = [(86, 84, 66), (182, 122, 56), (92, 192, 44)][: int(rng.integers(2, 4))]
    for i, (x, y, r) in enumerate(centres):
        x, y, r = x + rng.uniform(-14, 14), y + rng.uniform(-12, 12), r * rng.uniform(0.85, 1.2)
        n = int(rng.integers(10, 15))
        turn = rng.uniform(0, math.pi)
        for k in range(n):
            a = turn + 2 * math.pi * k / n
            c, s = math.cos(a), math.sin(a)
            body += (
                f'<path d="M{x + 0.3 * r * c:.1f} {y + 0.3 * r * s:.1f} '
                f'L{x + r * c:.1f} {y + r * s:.1f}" stroke="{colours[i]}" stroke-width="6" '
                f'stroke-linecap="round"/>'
                f'<circle cx="{x + 1.12 * r * c:.1f}" cy="{y + 1.12 * r * s:.1f}" r="5" '
                f'fill="{colours[(i + 1) % 6]}"/>'
            )
        body += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="#fffbe0"/>'
    return _svg(body, defs)


def beet(rng: np.random.Generator) -> str:
    """A beet with its leaves."""
    red, dark = [("#9c2152", "#6e1239"), ("#84183f", "#5a0d2b"), ("#a8305f", "#7b1a45")][
        int(rng.integers(3))
    ]
    green, stem = _pick(rng, "#4f9a3f", "#3e8a4a", "#6aa436"), _pick(rng, "#c23a63", "#b04a5e")
    body = ""
    for turn in (-32 + rng.uniform(-8, 8), rng.uniform(-8, 8), 32 + rng.uniform(-8, 8)):
        body += (
            f'<g transform="rotate({turn:.0f} 128 122)"><path d="M128 124 V70" stroke="{stem}" '
            f'stroke-width="9"/><path d="M128 82 Q92 52 128 8 Q164 52 128 82 Z" fill="{green}"/>'
            f'<path d="M128 80 V26" stroke="{stem}" stroke-width="4"/></g>'
        )
    wide = rng.uniform(62, 76)
    body += (
        f'<path d="M128 112 C{128 + wide:.0f} 104 {134 + wide:.0f} 190 140 214 Q130 226 126 252 '
        f'Q124 226 116 214 C{122 - wide:.0f} 190 {128 - wide:.0f} 104 128 112 Z" fill="{red}"/>'
        f'<path d="M{128 - 0.5 * wide:.0f} 138 Q{128 - 0.6 * wide:.0f} 168 '
        f'{128 - 0.3 * wide:.0f} 192" stroke="#d86b96" stroke-width="8" stroke-linecap="round" '
        'fill="none"/>'
        f'<path d="M104 214 Q128 204 152 214" stroke="{dark}" stroke-width="6" fill="none"/>'
    )
    return _svg(body)


SCENES: dict[str, Callable[[np.random.Generator], str]] = {
    "beet": beet,
    "campfire": campfire,
    "waterfalls": waterfalls,
    "village": village,
    "fireworks": fireworks,
}
