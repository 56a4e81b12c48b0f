"""What a student might write so that it runs in the browser of whoever reads it.

Each leaves a mark on the root element when it runs, and changes the title.
"""


def _mark(name: str) -> str:
    return f"document.documentElement.setAttribute('data-ran-{name}','');document.title='taken'"


PAYLOADS = {
    "script": f"<script>{_mark('script')}</script>",
    "image": f'<img src=x onerror="{_mark("image")}">',
    "svg": f'<svg onload="{_mark("svg")}"></svg>',
    "svg-script": f"<svg><script>{_mark('svg-script')}</script></svg>",
    "details": f'<details open ontoggle="{_mark("details")}"></details>',
    "focus": f'<input autofocus onfocus="{_mark("focus")}">',
    "frame": f'<iframe srcdoc="<script>parent.{_mark("frame").replace(";", ";parent.")}</script>">'
    "</iframe>",
    "media": f'<video><source onerror="{_mark("media")}"></video>',
    "end-of-title": f"</title></style></textarea><script>{_mark('end-of-title')}</script>",
    "end-of-attribute": f'"><script>{_mark("end-of-attribute")}</script>',
    "end-of-quote": f"'><script>{_mark('end-of-quote')}</script>",
}
"""Name → markup. All run by themselves, without a click, where they are not escaped."""

OTHERS = (
    "[x](javascript:alert(1)) ![x](https://example.org/x.png)",
    '<a href="javascript:alert(1)">x</a>',
    "<form action=https://example.org/><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<base href=https://example.org/>",
    "\x1b]0;taken\x07\x1b[31mred\x1b[0m \x1b[2J",
    "{{ 7 * 7 }} {% include 'page.css' %}",
    "\u202egnp.exe\u2066 \x00 \ud800",
)
"""What waits for a click, calls home, or troubles a terminal or a template."""

EVERYTHING = "\n".join([*PAYLOADS.values(), *OTHERS])
