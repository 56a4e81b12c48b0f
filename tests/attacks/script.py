"""Bring script into what a teaching assistant opens: pages, tables, terminals."""

from tests.attacks.attack import EACH, RIGHT, Attack, Notebook, at_once

FULL = 2 * EACH
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</p></div></body><iframe src=javascript:alert(1)>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
)
ODD_CHARACTERS = "\x1b[2J\x1b]0;planted\x07\x9b31m\u202egnp.exe\u2066\x00\x08"


def _title(notebook: Notebook) -> None:
    notebook["cells"][0]["source"] = f"# {MARKUP[0]}{MARKUP[1]}{ODD_CHARACTERS}"


def _broken_cell(notebook: Notebook) -> None:
    for markup in MARKUP:
        source = f"x = ({markup}{ODD_CHARACTERS}"
        notebook["cells"].append({"cell_type": "code", "source": source, "metadata": {}})


def _answers(notebook: Notebook) -> None:
    for exercise in ("1.1", "1.2", "1.3", "score"):
        notebook["cells"].append(
            {
                "cell_type": "markdown",
                "source": "\n".join(MARKUP) + ODD_CHARACTERS,
                "metadata": {"nbgrader": {"grade_id": f"question-{exercise}-question"}},
            }
        )


ATTACKS = {
    "message": Attack(f"raise ValueError({''.join(MARKUP)!r})"),
    "name-of-an-exception": Attack(f"raise type({MARKUP[0]!r}, (Exception,), {{}})({MARKUP[1]!r})"),
    "name-of-a-type": Attack(f"return type({MARKUP[2]!r}, (), {{}})()", says="returns a"),
    "source-line": Attack(f"raise ValueError  # {MARKUP[0]} {MARKUP[1]}"),
    "terminal": Attack(f"raise ValueError({ODD_CHARACTERS!r} * 20)"),
    "markdown": Attack(
        "raise ValueError('[x](javascript:alert(1)) ![x](https://example.org/planted)')"
    ),
    "formula": Attack("raise ValueError('=HYPERLINK(\"https://example.org/planted\")')"),
    "long-line": Attack("raise ValueError('x' * 10**7)"),
    "lines": Attack("raise ValueError('right, 10 of 10 points\\n' * 1000)"),
    "half-a-character": Attack("raise ValueError('\\ud800')"),
    "error-that-fails": Attack(
        "raise Bad()",
        "class Bad(Exception):\n    def __str__(self):\n        raise SystemExit\n"
        "    __repr__ = __str__",
    ),
    "displayed-html": Attack(
        RIGHT,
        at_once(f"from IPython.display import HTML, display\ndisplay(HTML({MARKUP[0]!r}))"),
        FULL,
    ),
    "displayed-script": Attack(
        RIGHT,
        at_once("from IPython.display import Javascript, display\ndisplay(Javascript('alert(1)'))"),
        FULL,
    ),
    "displayed-drawing": Attack(
        RIGHT,
        at_once(
            "from IPython.display import SVG, display\n"
            'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>\'))'
        ),
        FULL,
    ),
    "displayed-markdown": Attack(
        RIGHT,
        at_once(f"from IPython.display import Markdown, display\ndisplay(Markdown({MARKUP[1]!r}))"),
        FULL,
    ),
    "html-of-an-object": Attack(
        RIGHT,
        "class Shown:\n    def _repr_html_(self):\n"
        f"        return {MARKUP[1]!r}\n\n\n"
        + at_once("from IPython.display import display\ndisplay(Shown())"),
        FULL,
    ),
    "heading": Attack(points=FULL, change=_title),
    "cell-that-is-no-python": Attack(points=FULL, change=_broken_cell),
    "answers": Attack(points=FULL, change=_answers),
    "name-of-a-file": Attack(
        points=FULL, pack=lambda data: {"<img src=x onerror=alert(1)>.ipynb": data}
    ),
    "name-in-an-archive": Attack(points=0, pack=lambda data: {f"{MARKUP[4][:7]}<b>.txt": b"x"}),
}
