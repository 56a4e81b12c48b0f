"""A real browser without a window: what becomes of a page when it is opened."""

import os
import subprocess
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.showcase.browser import NAMES, OPTIONS, browser_on_path


def find_browser() -> str:
    """The browser on PATH. Skips the test where there is none, but fails in CI."""
    found = browser_on_path()
    if found is None:
        missing = f"no browser on PATH; looked for {', '.join(NAMES)}"
        if os.environ.get("CI"):
            pytest.fail(f"{missing}. In CI these tests have to run.")
        pytest.skip(missing)
    return found


@dataclass
class Opened(HTMLParser):
    """A page after its scripts, if any, have run.

    Args:
        dom: as the browser gives it.

    Attributes:
        ran: names of the payloads that ran; each leaves a mark on the root element.
        title: of the page.
        text: all that is shown.
        tags: name → how many.
        links: every href and src.
    """

    dom: str
    ran: set[str] = field(default_factory=set)
    title: str = ""
    text: str = ""
    tags: dict[str, int] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._inside = ""
        self.feed(self.dom)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.tags[tag] = self.tags.get(tag, 0) + 1
        if tag == "html":
            self.ran |= {name.removeprefix("data-ran-") for name, _ in attrs if "data-ran" in name}
        self.links += [str(value) for name, value in attrs if name in ("href", "src", "action")]
        self.ran |= {f"handler {name} on {tag}" for name, _ in attrs if name.startswith("on")}

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside not in ("style", "script"):
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def open_page(page: Path) -> Opened:
    """Open a page, give its scripts two seconds, and look at what it has become."""
    command = [
        find_browser(),
        *OPTIONS,
        f"--user-data-dir={page.parent / 'profile'}",
        "--virtual-time-budget=2000",
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    return Opened(done.stdout)
