"""Pictures of pages: trimmed below their end; and without a browser, a kind word."""

from pathlib import Path

import pytest

from autograder.errors import CommandError
from autograder.showcase.browser import browser_on_path, screenshot

PAGE = """<!doctype html><body style="margin:0;background:#eee">
<div style="width:100px;height:80px;background:#f00"></div>"""


def test_a_page_is_pictured_down_to_its_end(tmp_path: Path) -> None:
    if browser_on_path() is None:
        pytest.skip("no browser on PATH")
    page = tmp_path / "page.html"
    page.write_text(PAGE, encoding="utf-8")
    picture = screenshot(page, 500, 400)
    assert picture.size == (500, 80)
    assert picture.getpixel((50, 40)) == (255, 0, 0)
    assert picture.getpixel((300, 40)) == (238, 238, 238)


def test_without_a_browser_the_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CommandError, match=r"need Chromium or Chrome.*install"):
        screenshot(tmp_path / "page.html", 500, 400)


def test_a_browser_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho 'no display' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(CommandError, match=r"page\.html.*no display"):
        screenshot(tmp_path / "page.html", 500, 400)
