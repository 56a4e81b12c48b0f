"""A page in a real browser without a screen, and what a script in it found out."""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.pages.browser import find_browser

PAGE = """<!doctype html><meta charset="utf-8"><body>{body}
<script>addEventListener("load", async () => {{
    await new Promise((done) => setTimeout(done, 200));
    let found;
    const ask = async () => {{ {script} }};
    try {{ found = await ask(); }} catch (error) {{ found = String(error); }}
    const answer = document.createElement("pre");
    answer.id = "found";
    answer.textContent = JSON.stringify(found);
    document.body.append(answer);
}});</script>"""


def ask_browser(tmp_path: Path, body: str, script: str) -> Any:
    """Open a page with `body`, and return what `script`, the inside of an async function, returns.

    There is no network: every name is unknown.
    """
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(body=body, script=script), encoding="utf-8")
    done = subprocess.run(
        [
            find_browser(), "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000",
            f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri(),
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    answer = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer, f"The page's script did not answer. {done.stderr[-2000:]}"
    return json.loads(html.unescape(answer[1]))
