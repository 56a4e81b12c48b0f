"""Split Python code into tokens that a copier's edits leave alone.

Comments, spaces, line breaks, the words in strings and parentheses that only group are gone, and
the names that a student may choose are all alike. It's a lexer and no parser: whatever the text is,
it takes linear time.
"""

import builtins
import keyword
import re
from dataclasses import dataclass

KEPT = frozenset([*keyword.kwlist, *dir(builtins)])
"""Names that mean the same to everyone; so does a name after a dot."""

LEXEME = re.compile(
    r"""
    (?P<nothing> [\s;\\]+ | \#[^\n]* )
    | (?P<string> [bfruBFRU]{0,2} (?:
        \"{3} (?: [^"\\] | \\. | \"(?!\"\") )* (?: \"{3} | \\?\Z )
      | '{3} (?: [^'\\] | \\. | '(?!'') )* (?: '{3} | \\?\Z )
      | \" (?: [^"\\\n] | \\. )* \"?
      | ' (?: [^'\\\n] | \\. )* '? ) )
    | (?P<name> [^\W\d]\w* )
    | (?P<number> \d[\w.]* | \.\d\w* )
    | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """One token.

    Args:
        text: what it is compared by.
        is_own: whether it's a name that the student could have chosen differently.
        start, end: its place in the code.
    """

    text: str
    is_own: bool
    start: int
    end: int


def tokens(code: str) -> list[Token]:
    """The tokens of a piece of code."""
    found: list[Token] = []
    groups: list[bool] = []  # of each parenthesis that is still open, whether it only groups
    for match in LEXEME.finditer(code):
        kind, text = match.lastgroup, match.group()
        if kind == "nothing":
            continue
        if kind == "string":
            text = '"'
        only_groups = False
        if text == "(":
            only_groups = not _can_be_called(found)
            groups.append(only_groups)
        elif text == ")" and groups:
            only_groups = groups.pop()
        if only_groups:
            continue
        follows_a_dot = bool(found) and found[-1].text == "."
        is_own = kind == "name" and not follows_a_dot and text not in KEPT
        found.append(Token(text, is_own, match.start(), match.end()))
    return found


def _can_be_called(found: list[Token]) -> bool:
    """Whether a parenthesis after these tokens holds the arguments of a call, or parameters."""
    if not found:
        return False
    last = found[-1].text
    return last in (")", "]") or (last not in keyword.kwlist and last.isidentifier())
