"""Show a verdict as plain text, or as HTML in which everything a student wrote is escaped."""

import html

import torch
from PIL import Image

from pset._notebook.data_uri import to_uri
from pset.checks.definition import Reading, heading
from pset.checks.judging import RIGHT, Verdict
from pset.images import to_pil

COLOURS = {
    "right": "#1a7f37",
    "wrong": "#b35900",
    "failed": "#b3261e",
    "borrowed": "#b35900",
    "missing": "#b3261e",
    "not done": "#57606a",
}
CAPTIONS = {"given": "the input", "difference": "difference (grey means none)"}
LIKELY = "Likely mistake: "
LINK = '<a href="{url}" target="_blank" rel="noopener">{cited}</a>'
MARKS = {
    "right": "✓",
    "wrong": "✗",
    "failed": "✗",
    "borrowed": "✗",
    "missing": "✗",
    "not done": "…",
}


def headline(verdict: Verdict) -> str:
    """One line: the exercise, the verdict, the points."""
    title = heading(verdict.exercise, verdict.title[:1].upper() + verdict.title[1:])
    return (
        f"{MARKS[verdict.status]} {title}: {verdict.status}, "
        f"{verdict.points:g} of {verdict.max_points:g} points"
    )


def details(verdict: Verdict) -> list[str]:
    """The paragraphs between the headline and what to review."""
    if verdict.status == "right":
        return [] if verdict.message == RIGHT else [verdict.message]
    paragraphs = [f"{LIKELY}{verdict.message}" if verdict.mistake else verdict.message]
    if verdict.case:
        paragraphs.append(f"Test case: {verdict.case}.")
    if verdict.difference is not None and verdict.tolerance is not None:
        paragraphs.append(
            f"Relative error: {verdict.difference:.2g}. A right answer has at most "
            f"{verdict.tolerance:.2g}."
        )
    return paragraphs


def to_read(reading: Reading) -> str:
    """What to review, and in which section of the notebook."""
    return f"Review: {reading.idea}. In the notebook: “{reading.section}”."


def as_text(verdict: Verdict) -> str:
    """The verdict for a terminal."""
    lines = [headline(verdict), *details(verdict)]
    if reading := verdict.read:
        paper = f" Paper: {reading.cited}, {reading.paper.url}." if reading.paper else ""
        lines.append(f"{to_read(reading)}{paper}")
    return "\n  ".join(lines)


def data_uri(image: torch.Tensor, side: int = 160) -> str:
    """An image `[3, H, W]` in [-1, 1] as a PNG data URI, enlarged by nearest neighbour."""
    picture = to_pil(image)
    factor = max(1, side // max(picture.size))
    picture = picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )
    return to_uri(picture)


def as_html(verdict: Verdict) -> str:
    """The verdict as a block of HTML. Text is escaped, since a student may have written it."""
    escape = html.escape
    colour = COLOURS[verdict.status]
    parts = [
        f'<div class="verdict" style="border-left:4px solid {colour};padding:.3em .8em;'
        f'margin:.6em 0"><strong style="color:{colour}">{escape(headline(verdict))}</strong>'
    ]
    parts += [
        f'<p style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.4em 0">{escape(text)}</p>'
        for text in details(verdict)
    ]
    if verdict.pictures:
        figures = (
            '<figure style="display:inline-block;max-width:100%;margin:.3em .8em .3em 0;'
            f'text-align:center"><img alt="{escape(caption)}" src="{data_uri(image)}" '
            'style="image-rendering:pixelated;max-width:100%">'
            f"<figcaption>{escape(CAPTIONS.get(caption, caption))}</figcaption></figure>"
            for caption, image in verdict.pictures.items()
        )
        parts.append(f"<div>{''.join(figures)}</div>")
    if reading := verdict.read:
        text = escape(to_read(reading))
        if reading.paper:
            url, cited = escape(reading.paper.url), escape(reading.cited)
            text += f" Paper: {LINK.format(url=url, cited=cited)}."
        parts.append(f'<p style="margin:.4em 0">{text}</p>')
    parts.append("</div>")
    return "".join(parts)
