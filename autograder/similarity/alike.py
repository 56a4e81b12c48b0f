"""Which right answers are alike beyond what the exercise forces.

What the handout gives, what the reference solution has, and what many share is common ground and
doesn't count. Of the rest, a pair's score is the share of the smaller answer that's in the other.
It takes time in proportion to the length of all answers: what more than a few share is dropped, so
each fingerprint can bring only a few pairs together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import combinations

from autograder.similarity.tokens import tokens
from autograder.similarity.winnowing import NOISE, grams, winnow

FEW, MANY = 3, 10
"""What more of a class share than a quarter is common ground: a quarter within these bounds."""

LEAST = 20
"""Fewer shared fingerprints are no evidence: a line or two, which a formula may force."""
LEAST_SHARE = 0.6
"""Independent right answers share 0.5 of their own code at most, and copies with other names and
another layout 0.8 at least; see the tests."""
MOST_PAIRS = 30


@dataclass(frozen=True)
class Side:
    """One answer of a pair: whose it is, and its code in pieces, with whether each is shared."""

    student: str
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True)
class Alike:
    """Two answers whose code is alike.

    Args:
        share: of the smaller answer's own fingerprints, those that the other has too, in (0, 1].
        count: how many these are.
        sides: the two answers.
    """

    share: float
    count: int
    sides: tuple[Side, Side]


class Answer:
    """An answer's code, and the fingerprints that aren't in the handout or the solution."""

    def __init__(self, code: str, forced: frozenset[int]) -> None:
        self.code = code
        self.tokens = tokens(code)
        self.grams = grams(self.tokens)
        self.own = {h for h in winnow(self.grams).values() if h not in forced}

    def pieces(self, shared: Set[int]) -> list[tuple[str, bool]]:
        """The code in pieces; those that some of the `shared` grams cover are marked."""
        covered = [False] * len(self.code)
        for k, gram in enumerate(self.grams):
            if gram in shared:
                first, last = self.tokens[k], self.tokens[k + NOISE - 1]
                for at in range(first.start, last.end):
                    covered[at] = True
        ends = [k for k in range(1, len(covered)) if covered[k] != covered[k - 1]]
        starts = [0, *ends]
        return [
            (self.code[a:b], covered[a])
            for a, b in zip(starts, [*ends, len(covered)], strict=True)
            if a < b
        ]


def forced_by(texts: Iterable[str]) -> frozenset[int]:
    """The grams of code that everybody is given, or that one right answer has: the solution's."""
    return frozenset(gram for text in texts for gram in grams(tokens(text)))


def alike(codes: Mapping[str, str], forced: frozenset[int]) -> list[Alike]:
    """The pairs of a class that are worth a look, `MOST_PAIRS` at most, the most alike first.

    Args:
        codes: student → code of an answer to the same exercise, all of them right.
        forced: from `forced_by`.
    """
    answers = {student: Answer(code, forced) for student, code in codes.items() if code}
    holders: dict[int, list[str]] = defaultdict(list)
    for student, answer in answers.items():
        for fingerprint in answer.own:
            holders[fingerprint].append(student)
    most = max(FEW, min(MANY, len(answers) // 4))
    common = {fingerprint for fingerprint, those in holders.items() if len(those) > most}
    counts: Counter[tuple[str, str]] = Counter()
    for fingerprint in holders.keys() - common:
        counts.update(combinations(holders[fingerprint], 2))
    sizes = {student: len(answer.own - common) for student, answer in answers.items()}
    shares = {
        pair: count / min(sizes[student] for student in pair)
        for pair, count in counts.items()
        if count >= LEAST
    }
    found = sorted(
        (pair for pair, share in shares.items() if share >= LEAST_SHARE),
        key=lambda pair: (-shares[pair], -counts[pair], pair),
    )
    return [
        Alike(shares[pair], counts[pair], _sides(pair, answers, common))
        for pair in found[:MOST_PAIRS]
    ]


def _sides(
    pair: tuple[str, str], answers: Mapping[str, Answer], common: set[int]
) -> tuple[Side, Side]:
    one, other = pair
    shared = (answers[one].own & answers[other].own) - common
    return Side(one, answers[one].pieces(shared)), Side(other, answers[other].pieces(shared))
