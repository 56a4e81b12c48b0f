"""A slow matcher of regular expressions that tries what `re` tries, and counts how often.

It follows the tree that `re` itself parses, backtracks in the same order, and takes a step for each
character or place that it tests. Bounds of repetitions are cut down: what is bounded is no reason
for growth, however large the bound.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from re import _constants as c
from re import _parser
from typing import Any

BOUND = 8
"""In place of any larger bound of a repetition."""

UNLIMITED = int(c.MAXREPEAT)

MOST_STEPS = 100_000
"""What takes more on the short texts of these tests would never end on longer ones."""

Op = tuple[Any, Any]


class Endless(Exception):
    """A match takes too many steps to go on."""


class Matcher:
    """One pattern.

    Args:
        pattern: as `re` takes it.
        flags: likewise.

    Attributes:
        steps: taken until now.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self._tree = _parser.parse(pattern, flags)
        self._flags = self._tree.state.flags
        self.steps = 0

    def find_all(self, text: str) -> int:
        """Look for every match in a text, as `sub` and `findall` do; says how many there are.

        Raises:
            Endless: that takes too many steps.
        """
        found = place = 0
        while place <= len(text):
            end = next(self._ends(list(self._tree), text, place, {}), None)
            found += end is not None
            place = max(place + 1, end or 0)
        return found

    def samples(self) -> tuple[list[str], str]:
        """Characters, one of each kind that the pattern tells apart; and a text that matches."""
        tests = list(self._tests(self._tree))
        kinds: dict[tuple[bool, ...], str] = {}
        for code in (*range(32, 127), 9, 10, 12, 0x1B, 0, 0xE9, 0x2028):
            # ^ and $ tell a line's end from other spaces.
            kind = (code == ord("\n"), *(self._is(op, chr(code)) for op in tests))
            kinds.setdefault(kind, chr(code))
        return list(kinds.values()), self._shortest(self._tree)

    def _ends(
        self, ops: Sequence[Op], text: str, place: int, groups: dict[int, tuple[int, int]]
    ) -> Iterator[int]:
        """Where a match that begins here may end, in the order in which `re` would try."""
        if not ops:
            yield place
            return
        (op, value), rest = ops[0], ops[1:]
        for end in self._one(op, value, text, place, groups):
            yield from self._ends(rest, text, end, groups)

    def _one(
        self, op: Any, value: Any, text: str, place: int, groups: dict[int, tuple[int, int]]
    ) -> Iterator[int]:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Endless
        match op:
            case c.LITERAL | c.NOT_LITERAL | c.ANY | c.IN:
                if place < len(text) and self._is((op, value), text[place]):
                    yield place + 1
            case c.AT:
                if self._is_at(value, text, place):
                    yield place
            case c.BRANCH:
                for branch in value[1]:
                    yield from self._ends(list(branch), text, place, groups)
            case c.SUBPATTERN:
                for end in self._ends(list(value[-1]), text, place, groups):
                    if value[0] is not None:
                        groups[value[0]] = (place, end)
                    yield end
            case c.MAX_REPEAT | c.MIN_REPEAT:
                low, high, body = value
                high = UNLIMITED if high == UNLIMITED else min(high, max(BOUND, low))
                greedy = op is c.MAX_REPEAT
                yield from self._repeated(list(body), low, high, greedy, text, place, groups)
            case c.ASSERT | c.ASSERT_NOT:
                assert value[0] > 0, "looking behind is not needed here"
                inside = next(self._ends(list(value[1]), text, place, groups), None)
                if (inside is not None) == (op is c.ASSERT):
                    yield place
            case c.GROUPREF:
                start, end = groups.get(value, (0, 0))
                if text.startswith(text[start:end], place):
                    yield place + end - start
            case _:
                raise NotImplementedError(op)

    def _repeated(
        self, body: list[Op], low: int, high: int, greedy: bool, text: str, place: int, groups: Any
    ) -> Iterator[int]:
        if low <= 0 and not greedy:
            yield place
        if high > 0:
            for end in self._ends(body, text, place, groups):
                if end > place or low > 0:
                    left = high if high == UNLIMITED else high - 1
                    yield from self._repeated(body, low - 1, left, greedy, text, end, groups)
        if low <= 0 and greedy:
            yield place

    def _is_at(self, where: Any, text: str, place: int) -> bool:
        many = bool(self._flags & re.MULTILINE)
        starts = place == 0 or (many and text[place - 1] == "\n")
        last = place == len(text)
        ends = last or (text[place] == "\n" and (many or place == len(text) - 1))
        before = place > 0 and _is_word(text[place - 1])
        after = not last and _is_word(text[place])
        return {
            c.AT_BEGINNING: starts,
            c.AT_BEGINNING_STRING: place == 0,
            c.AT_END: ends,
            c.AT_END_STRING: last,
            c.AT_BOUNDARY: before != after,
            c.AT_NON_BOUNDARY: before == after,
        }[where]

    def _is(self, op: Op, char: str) -> bool:
        """Whether one character passes one test."""
        kind, value = op
        if self._flags & re.IGNORECASE:
            char = char.lower()
        match kind:
            case c.LITERAL:
                return char == self._fold(chr(value))
            case c.NOT_LITERAL:
                return char != self._fold(chr(value))
            case c.ANY:
                return char != "\n" or bool(self._flags & re.DOTALL)
        found = False
        is_negated = False
        for item, what in value:
            match item:
                case c.NEGATE:
                    is_negated = True
                case c.LITERAL:
                    found |= char == self._fold(chr(what))
                case c.RANGE:
                    found |= what[0] <= ord(char) <= what[1]
                case c.CATEGORY:
                    found |= _is_in(what, char)
        return found != is_negated

    def _fold(self, char: str) -> str:
        return char.lower() if self._flags & re.IGNORECASE else char

    def _tests(self, ops: Any) -> Iterator[Op]:
        """All that the pattern asks of single characters."""
        for op, value in ops:
            match op:
                case c.LITERAL | c.NOT_LITERAL | c.ANY | c.IN:
                    yield op, value
                case c.BRANCH:
                    for branch in value[1]:
                        yield from self._tests(branch)
                case c.SUBPATTERN | c.MAX_REPEAT | c.MIN_REPEAT | c.ASSERT | c.ASSERT_NOT:
                    yield from self._tests(value[-1])

    def _shortest(self, ops: Any) -> str:
        """A text that a pattern matches, but for what it looks ahead to."""
        text = ""
        for op, value in ops:
            match op:
                case c.LITERAL | c.NOT_LITERAL | c.ANY | c.IN:
                    wanted = [c for c in map(chr, range(9, 127)) if self._is((op, value), c)]
                    text += min(wanted, key=lambda char: not char.isprintable(), default="")
                case c.BRANCH:
                    text += self._shortest(value[1][0])
                case c.SUBPATTERN | c.ASSERT:
                    text += self._shortest(value[-1])
                case c.MAX_REPEAT | c.MIN_REPEAT:
                    text += self._shortest(value[2]) * max(1, value[0])
        return text


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_in(category: Any, char: str) -> bool:
    return {
        c.CATEGORY_DIGIT: unicodedata.category(char) == "Nd",
        c.CATEGORY_NOT_DIGIT: unicodedata.category(char) != "Nd",
        c.CATEGORY_SPACE: char.isspace(),
        c.CATEGORY_NOT_SPACE: not char.isspace(),
        c.CATEGORY_WORD: _is_word(char),
        c.CATEGORY_NOT_WORD: not _is_word(char),
    }[category]
