"""No regular expression that sees a student's text takes more than a step or so a character.

All of them are found in the source. For each, texts are made of what it tells apart, over and over,
and the steps that a matcher takes are counted as the text doubles: no clock is asked.
"""

import ast
import itertools
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.paths import PACKAGE
from tests.fuzzing.matcher import Endless, Matcher

SEEING = (
    "submission", "sandbox", "grading", "similarity", "gradebook", "gradescope", "cluster", "files",
    "text.py",
)  # fmt: skip
"""What in `autograder` sees something of a student's."""

NOT_STUDENTS = {"canvas.py: NUMBERED"}
"""Expressions for what only the instructor's own files hold."""

FLAGS_AT = {
    "compile": 1, "search": 2, "match": 2, "fullmatch": 2, "findall": 2, "finditer": 2,
    "split": 3, "sub": 4, "subn": 4,
}  # fmt: skip
"""Functions of `re` → where among their arguments the flags may stand."""

SHORT, LONG = 40, 80
MOST_PUMPS = 50
DOUBLED = 2.9
"""Twice the text may take twice the steps, and a little; four times would be quadratic."""


def expressions(path: Path) -> Iterator[tuple[str, str, int]]:
    """Every regular expression of a file: where, its pattern, its flags."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        id(node.value): node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    imported = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == "re"]
    assert not imported, f"{path.name}: write re.compile(…), so that this test finds it"
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re"), name), [pattern, *_]) if name in FLAGS_AT:
                flags = [k.value for k in node.keywords if k.arg == "flags"]
                flags += node.args[FLAGS_AT[name] :][:1]
                where = f"{path.name}: {names.get(id(node), f'line {node.lineno}')}"
                assert isinstance(pattern, ast.Constant), f"{where}: not a constant"
                yield where, pattern.value, _value(flags[0]) if flags else 0


def _value(flags: ast.expr) -> int:
    """What `re.M | re.I` stands for."""
    return int(eval(compile(ast.Expression(flags), "", "eval"), {"re": re}))


def all_expressions() -> dict[str, tuple[str, int]]:
    """Where → pattern and flags."""
    paths = itertools.chain.from_iterable(
        (PACKAGE / name).rglob("*.py") if (PACKAGE / name).is_dir() else [PACKAGE / name]
        for name in SEEING
    )
    found = {w: (p, f) for path in sorted(paths) for w, p, f in expressions(path)}
    return {where: what for where, what in found.items() if where not in NOT_STUDENTS}


def texts(matcher: Matcher, times: int) -> Iterator[str]:
    """Texts in which something that the expression asks for comes again and again."""
    kinds, sample = matcher.samples()
    pumps = {a + b for a in kinds for b in ("", *kinds)}
    pumps |= {sample[a:b] for a in range(0, len(sample), 3) for b in range(a + 1, len(sample) + 1)}
    chosen = sorted(pumps)
    random.Random(180).shuffle(chosen)
    whole = [sample[:k] for k in range(1, len(sample) + 1)]
    for pump in [*dict.fromkeys([*whole, *kinds, *chosen])][: len(whole) + MOST_PUMPS]:
        for before in ("", sample):
            yield before + pump * (times // len(pump) or 1) + "\x00"


def steps(pattern: str, flags: int, text: str) -> float:
    """How many steps it takes to find every match, as far as the matcher goes."""
    matcher = Matcher(pattern, flags)
    try:
        matcher.find_all(text)
    except Endless:
        return math.inf
    return matcher.steps


def growth(pattern: str, flags: int = 0) -> tuple[float, str]:
    """By how much the steps grow as the text doubles, at worst; and with which text."""
    matcher = Matcher(pattern, flags)
    pairs = zip(texts(matcher, SHORT), texts(matcher, LONG), strict=True)
    worst, which = 0.0, ""
    for short, long in pairs:
        # In proportion: a text of whole pumps does not double to the character.
        before, after = (steps(pattern, flags, text) for text in (short, long))
        rate = math.inf if math.inf in (before, after) else after / before
        rate *= 2 * len(short) / len(long)
        if rate > worst:
            worst, which = rate, short
        if worst == math.inf:
            break
    return worst, which


@pytest.mark.parametrize("where", all_expressions())
def test_twice_the_text_takes_twice_the_steps(where: str) -> None:
    worst, which = growth(*all_expressions()[where])
    assert worst < DOUBLED, f"{where}: quadratic or worse on {which!r}"


@pytest.mark.parametrize(
    ("pattern", "flags"),
    [
        (r"^\s*(def|import|from)\s", re.MULTILINE),
        (r"^<{7} .*?\n(.*?)^={7}\n.*?^>{7} .*?\n", re.MULTILINE | re.DOTALL),
        (r"(a+)+b", 0),
        (r"\s*,", 0),
        (r"\w+@", 0),
        (r"x.*y", 0),
        (r"(?:a|ab?)*c", 0),
    ],
)
def test_what_is_quadratic_is_seen(pattern: str, flags: int) -> None:
    """The control; the first two once took hours for a small file."""
    assert growth(pattern, flags)[0] > DOUBLED


@pytest.mark.parametrize("where", all_expressions())
def test_the_matcher_finds_what_re_finds(where: str) -> None:
    pattern, flags = all_expressions()[where]
    matcher = Matcher(pattern, flags)
    for text in itertools.islice(texts(matcher, 30), 40):
        count, place = 0, 0
        while place <= len(text):
            found = re.compile(pattern, flags).match(text, place)
            count += found is not None
            place = max(place + 1, found.end() if found else 0)
        # `re` looks at a text from its beginning, so that ^ does not match in its middle.
        assert Matcher(pattern, flags).find_all(text) == count, text


def test_there_are_expressions_to_look_at() -> None:
    assert len(all_expressions()) > 8
