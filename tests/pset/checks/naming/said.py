"""Whether a message names an answer's mistake, and whether what it says is true.

An answer's label lists ideas. A message that says one of them *names* the mistake. One that names
nothing, but says only what was counted or compared, and what the label marks as true, leaves the
mistake *unnamed*. Any other claims something that nobody has found to be true of the answer, and
counts as *false*: a new sentence is false until it's in a label, or among the facts below.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pset.checks.judging import Verdict

Naming = Literal["accepted", "named", "unnamed", "false"]

Name = tuple[str, str]
"""Exercise and function of an answer."""

IDEAS = Path(__file__).with_name("ideas.txt")

GUESSES = (
    r"Not quite, and it doesn't match any of the common mistakes we check for\."
    r"|Your result is close to the expected one, but not close enough: .*"
)
"""What's said where nothing was found: neither a cause nor a fact."""

FACTS = (
    r"Your result is (?:about )?[-−\d.e+]+ times the expected one: .*",
    r"Your result is a multiple of the expected one, but a different one in each .*",
    r"Your result is .* times the expected one\.",
    r"Which factor depends on the arguments\?",
    r"Your values run from .*",
    r"It's right for .*",
    r"Your function also uses `.*` from the notebook\.",
    r"Does it have an argument that it should use instead\?",
    r"Your result is a weighted sum of .*, as it should be\.",
    r"The weight of .* is(?:n't)? right\.",
    r"`\w+` doesn't enter it at all\.",
    r"You weight `\w+` with .*; it should be another weight\.",
    r"Your function gives the same result for another `\w+`\.",
    r"Do you use it\?",
    r"With γ = 1, guidance gives exactly the conditional estimate, so the null prompt should .*",
    r"If both prompts are the same, there's nothing to guide away from, .*",
    r"With a mask of (?:ones|zeros), `\w+` shouldn't matter\.",
    r"In yours, it does\.",
    r"An image of a batch comes out differently than by itself\.",
    r"Each image should be treated on its own: .*",
    r"Your result isn't linear in `\w+`, and it should be\.",
    r"Do you clamp or normalise something, or take a root or an absolute value of it\?",
    r"Look at (?:your (?:result|noise|variance|last step)|your step from t = \d+ to \d+)\.",
    r"Look at what you pass to `[\w.]+` as `.*`\.",
    r"In the test case “.*”: Look at .*",
    r"The weights of .* are right\.",
    r"The weight of .* isn't right: it's too (?:large|small)\.",
    r"Your first call of `[\w.]+` is right; what you pass to .* isn't\.",
    r"So look at a single step, .*",
    r"All is right up to the .*",
    r"What you pass to `[\w.]+` isn't right(?: in the first call already)?\.",
    r"The first call is right\.",
    r"That's so in the last call\.",
    r"Your (?:noise|variance|result \d) is right(?:; your (?:noise|variance|result \d) isn't)?\.",
    r"Everything in it is [-−\d.e+]+ times as strong as it should be\.",
    r"(?:Everything in it|The weights of .*) (?:is|are) .* times what (?:it|they) should be\.",
    r"The weight of .* is wrong: its size is .*\.",
    r"The weight of .* belongs to timestep \d+, whatever t is\.",
    r"In (?:the weights? of .*|everything in it), you (?:have|divide by) .* where .* belongs\.",
    r"In (?:the weights? of .*|everything in it), you \w+ by .* where you should \w+\.",
    r"There's a factor too many in (?:the weights? of .*|everything in it): .*\.",
    r"A factor is missing in (?:the weights? of .*|everything in it): .*\.",
    r"(?:The weights? of .*|Everything in it) isn't divided by .*\.",
    r"(?:The weights? of .*|Everything in it) is divided by .*, which doesn't belong there\.",
    r"You guide with γ = [-−\d.e+]+, and it should be γ = [-−\d.e+]+\.",
    r"You weight .* with [-−\d.e+]+ and .* with .*; it should be [-−\d.e+]+ and [-−\d.e+]+\.",
    r"Your noise is a multiple of the expected one, but a different one in each .*",
    r"In the test case “.*”:",
    r"Only the .* channel is right\.",
    r"Of a batch, .* right.*",
    r"Your result has shape .*",
    r"Your result has \d+ dimensions; .*",
    r"There should be \d+ in the batch, and yours has \d+\.",
    r"You return \d+ results; only one is asked for\.",
    r"You return \d+ results, and number \d+ isn't right\.",
    r"Your \d+ results have shapes .*",
    r"Each should be a batch of images, all in the same shape\.",
    r"Your function returns .*",
    r"It should return an? (?:image )?tensor(?: with the shape \[.*\])?\.",
    r"Besides, your function changes .* in place: .*",
    r"Work on a copy\.",
    r"All the right pixels are there, .*",
    r"Each (?:column|row) has the right pixels, .*",
    r"Your result \d and (?:your )?result \d are right; your result \d isn't\.",
    r"The weight of .* isn't right: it's .* what it should be\.",
    r"\d+% of your result is NaN\.",
    r"Your result has infinite values\.",
    r"Look for a division by zero, .*",
    r"`\w+` (?:stopped with an error|was stopped)\.",
    r"It hadn't finished after \d+ seconds\.",
    r"\w*(?:Error|Exception)\b.*",
    r"in \w+, line \d+: .*",
)
"""Sentences that only say what was measured, each with its question or advice."""

_END = re.compile(r"(?<=[.?!])\s+(?=[A-ZÄ`\d(])|\n")


@dataclass(frozen=True)
class Label:
    """What can be said of an answer.

    Args:
        named: patterns that name its mistake.
        true: patterns of what is true of it, but doesn't name the mistake.
    """

    named: tuple[re.Pattern[str], ...]
    true: tuple[re.Pattern[str], ...]


def naming(verdict: Verdict, label: Label) -> Naming:
    """What the message of a verdict on a wrong answer is, by the answer's label."""
    if verdict.status == "right":
        return "accepted"
    said = [s.strip() for s in _END.split(verdict.message) if s.strip()]
    said = [sentence for sentence in said if not re.fullmatch(GUESSES, sentence)]
    if any(pattern.search(sentence) for sentence in said for pattern in label.named):
        return "named"
    if any(pattern.search(sentence) for sentence in said for pattern in label.true):
        return "unnamed"
    only_facts = all(any(re.fullmatch(fact, s) for fact in FACTS) for s in said)
    return "unnamed" if only_facts else "false"


def labels(path: Path) -> dict[Name, Label]:
    """Label by exercise and name of the answer's function, from a corpus's `labels.txt`.

    Raises:
        ValueError: a line without a name, a name that comes twice, an idea that isn't defined.
    """
    found: dict[Name, Label] = {}
    for name, text in _lines(path).items():
        named, _, true = text.partition(" ~ ")
        found[name] = Label(_patterns(named), _patterns(true))
    return found


@cache
def ideas() -> dict[str, str]:
    """Pattern by the name of the idea."""
    return {name: text for (_, name), text in _lines(IDEAS).items()}


def _lines(path: Path) -> dict[Name, str]:
    """The lines "name: text" of a file, comments apart, by the last "[section]" and the name."""
    found: dict[Name, str] = {}
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line[0] == "[" and line[-1] == "]":
            section = line[1:-1]
            continue
        name, colon, text = line.partition(": ")
        if not colon or (section, name) in found:
            raise ValueError(f"{path.name}: {line!r} has no name, or another line's.")
        found[section, name] = text
    return found


def _patterns(text: str) -> tuple[re.Pattern[str], ...]:
    ideas = [idea.strip() for idea in re.findall(r"/.*?/(?=;|$| ~)|[^;/]+", text)]
    return tuple(re.compile(pattern(idea), re.IGNORECASE) for idea in ideas if idea.strip())


def pattern(idea: str) -> str:
    """The regular expression of an idea: "no root", "unused seed", or one in slashes.

    Raises:
        ValueError: there's no such idea.
    """
    if idea.startswith("/"):
        return idea.strip("/")
    if idea in ideas():
        return ideas()[idea]
    for template, found in ideas().items():
        if "…" in template:
            form = re.escape(template).replace("…", r"(\w+)")
            if names := re.fullmatch(form, idea):
                for number, name in enumerate(names.groups()):
                    found = found.replace(f"{{{number}}}", name)
                return found
    raise ValueError(f"There's no idea {idea!r}; ideas.txt defines them.")
