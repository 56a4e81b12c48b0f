"""A browser without a window, for pictures of pages."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from autograder.errors import CommandError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""The names under which Chromium and Chrome are installed."""

OPTIONS = (
    "--headless",
    "--no-sandbox",  # the browser's own, which needs privileges that a container lacks
    "--disable-gpu",
    "--disable-extensions",
)

SECONDS = 180

FRAME = 200
"""More than the height of a window's frame, which some versions subtract from the page."""


def browser_on_path() -> str | None:
    """The path of Chromium or Chrome; None if neither is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def need_browser() -> str:
    """The path of Chromium or Chrome.

    Raises:
        CommandError: neither is installed; says how to install one.
    """
    if path := browser_on_path():
        return path
    raise CommandError(
        "Pictures of pages need Chromium or Chrome, and neither is on your PATH. Install one, for "
        "example with `sudo apt-get install chromium`, and try again."
    )


def screenshot(page: Path, width: int, height: int) -> Image.Image:
    """A picture of the top of a page, without the empty space below its end.

    Args:
        page: an HTML file.
        width, height: how much of the page to show, in pixels.

    Raises:
        CommandError: there's no browser, or it fails.
    """
    browser = need_browser()
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "page.png")
        command = [
            browser,
            *OPTIONS,
            "--hide-scrollbars",
            f"--user-data-dir={scratch}/profile",
            f"--window-size={width},{height + FRAME}",
            f"--screenshot={file}",
            page.resolve().as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        if done.returncode or not file.is_file():
            last = (done.stderr.strip().splitlines() or ["(nothing)"])[-1]
            raise CommandError(f"{browser} couldn't take a picture of {page}. It said: {last}")
        with Image.open(file) as picture:
            return _trimmed(picture.convert("RGB").crop((0, 0, width, height)))


def _trimmed(picture: Image.Image) -> Image.Image:
    """Crop a picture below the last line that differs from the colour of its lower left corner."""
    empty = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, empty).getbbox()
    return picture if box is None else picture.crop((0, 0, picture.width, box[3]))
